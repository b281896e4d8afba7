// graphql-ws with tokens that end: it asks for a fresh one for each connection, and goes on where it was.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, total, tokens] = [process.argv[2], Number(process.argv[3]), process.argv.slice(4)];
const variables = { after: 0 };
const query = "subscription ($after: Position) { log(after: $after) { position } }";
const [seen, closes] = [[], []];
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  connectionParams: () => ({ token: tokens.shift() }),
  on: { closed: (event) => closes.push(event.code) },
});
client.subscribe(
  { query, variables },
  {
    next: ({ data }) => {
      seen.push(data.log.position);
      variables.after = seen.at(-1); // what is asked again, after a retry, is this
      if (seen.length === total) {
        console.log(JSON.stringify({ seen, closes }));
        process.exit(0);
      }
    },
    error: (error) => (console.error(error), process.exit(1)),
    complete: () => process.exit(1),
  },
);
