// EventSource, as browsers have it: reconnects by itself, with the id of the last event that it saw.
import { EventSource } from "eventsource";

const [url, after, total] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const address = new URL(url);
address.searchParams.set("query", "subscription ($after: Position) { log(after: $after) { position } }");
address.searchParams.set("variables", JSON.stringify({ after }));
const seen = [];
const asked = [];
const source = new EventSource(address, {
  fetch: (input, init) => {
    asked.push(init.headers["Last-Event-ID"] ?? null);
    return fetch(input, init);
  },
});
source.addEventListener("next", ({ data, lastEventId }) => {
  const position = JSON.parse(data).data.log.position;
  seen.push([position, lastEventId]);
  if (seen.length === total) {
    source.close();
    console.log(JSON.stringify({ seen, asked }));
  }
});
