// graphql-ws: follows the log, loses its socket in the middle, and resumes where it was.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, total] = [process.argv[2], Number(process.argv[3])];
const query = "subscription ($after: Position) { log(after: $after) { position } }";
const seen = [];
const closes = [];
let socket;
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 5,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  on: { opened: (opened) => (socket = opened), closed: (event) => closes.push(event.code) },
});

// The documented way to resume: each connection subscribes with the position that was seen last.
let broken = 0;
while (seen.length < total) {
  const iterator = client.iterate({ query, variables: { after: seen.at(-1) ?? 0 } });
  for await (const { data } of iterator) {
    seen.push(data.log.position);
    if (seen.length === total) break;
    if (broken < 3 && seen.length % 30 === 0) {
      broken += 1;
      const after = seen.at(-1);
      socket.terminate();
      socket.once("close", () => {});
      if (after === seen.at(-1)) break;
    }
  }
}

// Retries of the client itself: what was asked is asked again on the new socket.
let connections = 0;
client.on("connected", () => (connections += 1));
const again = [];
for await (const { data } of client.iterate({ query, variables: { after: total - 2 } })) {
  again.push(data.log.position);
  if (again.length === 2 && connections <= 1) socket.terminate();
  if (again.length === 4) break;
}

const failed = await new Promise((resolve) =>
  client.subscribe({ query: "{ nobody }" }, { next: () => {}, complete: () => {}, error: resolve }),
);
const { value } = await client.iterate({ query: '{ actor(slug: "lavrov") { name } }' }).next();
await client.dispose();
console.log(JSON.stringify({ seen, broken, again, codes: closes, failed: failed[0].extensions.code, answer: value.data }));
