// @apollo/client: queries over HTTP, the log over its WebSocket link.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { split } from "@apollo/client/link";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { getMainDefinition } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, after] = [process.argv[2], Number(process.argv[3])];
const sockets = createClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket });
const link = split(
  ({ query }) => getMainDefinition(query).operation === "subscription",
  new GraphQLWsLink(sockets),
  new HttpLink({ uri: url }),
);
const client = new ApolloClient({ link, cache: new InMemoryCache() });

const { data } = await client.query({ query: gql`{ actor(slug: "lavrov") { id name kind } }` });
const query = gql`subscription ($after: Position) { log(after: $after) { id position kind } }`;
const seen = await new Promise((resolve, reject) => {
  const found = [];
  const subscription = client.subscribe({ query, variables: { after } }).subscribe({
    next: ({ data, error }) => {
      if (error) reject(error);
      found.push([data.log.position, data.log.id]);
      if (found.length === 3) {
        subscription.unsubscribe();
        resolve(found);
      }
    },
    error: reject,
  });
});
await sockets.dispose();
client.stop();
console.log(JSON.stringify({ answer: data, seen }));
