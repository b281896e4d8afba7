// A client that stays while its server is stopped and another one takes its place: says "ready", then what it saw.
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";

const [url, transport, total] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const wait = { retryAttempts: 100, retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)) };
const variables = { after: 0 };
const query = "subscription ($after: Position) { log(after: $after) { position } }";
const client =
  transport === "socket"
    ? overSocket({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, shouldRetry: () => true, ...wait })
    : overEvents({ url, ...wait });
const seen = [];
client.subscribe(
  { query, variables },
  {
    next: ({ data }) => {
      seen.push(data.log.position);
      variables.after = seen.at(-1); // what is asked again, after a retry, is this
      if (seen.length === total) {
        console.log(JSON.stringify(seen));
        process.exit(0);
      }
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
