// EventSource, as browsers have it: reconnects by itself, with the id of the last event that it saw.  Prints each position, the id of
// its event, and the id with which it was asked for.
import { EventSource } from "eventsource";

const [url, after] = [process.argv[2], Number(process.argv[3])];
const address = new URL(url);
address.searchParams.set("query", "subscription ($after: Position) { log(after: $after) { position } }");
address.searchParams.set("variables", JSON.stringify({ after }));
let asked = null;
const source = new EventSource(address, {
  fetch: (input, init) => {
    asked = init.headers["Last-Event-ID"] ?? null;
    return fetch(input, init);
  },
});
source.addEventListener("next", ({ data, lastEventId }) => {
  console.log(JSON.stringify([JSON.parse(data).data.log.position, lastEventId, asked]));
});
