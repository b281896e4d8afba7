// What @apollo/client and @urql/core make of answers that come in parts: for each query every state that they show, (more to come, data, codes).
import { ApolloClient, HttpLink, InMemoryCache, NetworkStatus, gql } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, ...queries] = process.argv.slice(2);
const sockets = createClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket });
const plain = (data) => JSON.parse(JSON.stringify(data, (key, value) => (key === "__typename" ? undefined : value)));
const codes = (errors) => (errors ?? []).map(({ extensions }) => extensions.code);

async function apollo(query, link, incrementalHandler) {
  const client = new ApolloClient({ link, cache: new InMemoryCache(), incrementalHandler });
  const seen = [];
  await new Promise((resolve, reject) =>
    client.watchQuery({ query: gql(query), errorPolicy: "all" }).subscribe({
      next: ({ data, error, networkStatus }) => {
        if (networkStatus < NetworkStatus.ready) return;
        const more = networkStatus === NetworkStatus.streaming;
        seen.push([more, plain(data), codes(error?.errors)]);
        if (!more) resolve();
      },
      error: reject,
    }),
  );
  client.stop();
  return seen;
}

async function urql(query) {
  const client = new Client({ url, exchanges: [fetchExchange], preferGetMethod: false });
  const seen = [];
  await new Promise((resolve) =>
    client.query(query, {}).subscribe(({ data, error, hasNext }) => {
      seen.push([hasNext, data, codes(error?.graphQLErrors)]);
      if (!hasNext) resolve();
    }),
  );
  return seen;
}

const found = [];
for (const query of queries)
  found.push({
    older: await apollo(query, new HttpLink({ uri: url }), new Defer20220824Handler()),
    newer: await apollo(query, new HttpLink({ uri: url }), new GraphQL17Alpha9Handler()),
    socket: await apollo(query, new GraphQLWsLink(sockets), new GraphQL17Alpha9Handler()),
    urql: await urql(query),
  });
console.log(JSON.stringify(found));
process.exit(0);
