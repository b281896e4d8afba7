// urql with its fetch exchange, which accepts event streams with every request: queries, a mutation that is refused, the log.
import { Client, fetchExchange } from "@urql/core";

const [url, after, authorization] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const accepted = [];
const client = new Client({
  url,
  exchanges: [fetchExchange],
  fetchSubscriptions: true,
  preferGetMethod: false,
  fetchOptions: { headers: { authorization } },
  fetch: async (...request) => {
    const response = await fetch(...request);
    accepted.push([new Headers(request[1].headers).get("accept"), response.headers.get("content-type")]);
    return response;
  },
});

const query = await client.query('{ actor(slug: "lavrov") { name } }', {}).toPromise();
const byGet = await client
  .query('{ actor(slug: "lavrov") { name } }', {}, { preferGetMethod: "force", requestPolicy: "network-only" })
  .toPromise();
const invalid = await client.query("{ nobody }", {}).toPromise();
const mutation = await client
  .mutation('mutation { retract(input: {article: "nobody", report: "x", reason: "x"}) { __typename } }', {})
  .toPromise();
const seen = await new Promise((resolve) => {
  const found = [];
  const text = "subscription ($after: Position) { log(after: $after) { position } }";
  const { unsubscribe } = client.subscription(text, { after }).subscribe(({ data, error, extensions }) => {
    found.push(error ? error.message : [data.log.position, extensions.position]);
    if (error || found.length === 3) {
      unsubscribe();
      resolve(found);
    }
  });
});
console.log(
  JSON.stringify({
    query: query.data,
    byGet: byGet.data,
    invalid: invalid.error.graphQLErrors[0].extensions.code,
    mutation: mutation.data,
    seen,
    accepted,
  }),
);
process.exit(0);
