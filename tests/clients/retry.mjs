// A client that stays while its server is stopped and another one takes its place; prints each position that it sees.
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";

const [url, transport] = process.argv.slice(2);
const wait = { retryAttempts: Infinity, retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)) };
const variables = { after: 0 };
const query = "subscription ($after: Position) { log(after: $after) { position } }";
const client =
  transport === "socket"
    ? overSocket({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, shouldRetry: () => true, ...wait })
    : overEvents({ url, ...wait });
client.subscribe(
  { query, variables },
  {
    next: ({ data }) => {
      console.log(data.log.position);
      variables.after = data.log.position; // what is asked again, after a retry, is this
    },
    error: (error) => {
      console.error(error);
      process.exit(1);
    },
    complete: () => {
      console.error("complete, before all was seen");
      process.exit(1);
    },
  },
);
