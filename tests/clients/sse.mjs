// graphql-sse in one of its modes: queries, errors and the log; two operations at once.
import { createClient } from "graphql-sse";

const [url, mode, after] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const client = createClient({ url, singleConnection: mode === "single", retryAttempts: 0 });
const query = "subscription ($after: Position) { log(after: $after) { position } }";

async function followed(number) {
  const found = [];
  for await (const result of client.iterate({ query, variables: { after } })) {
    found.push([result.data.log.position, result.extensions.position]);
    if (found.length === number) break;
  }
  return found;
}

async function asked(query) {
  const results = [];
  for await (const result of client.iterate({ query })) results.push(result);
  return results;
}

const [one, other] = await Promise.all([followed(5), followed(3)]);
const [answer] = await asked('{ actor(slug: "lavrov") { name } }');
let failed;
try {
  failed = (await asked("{ nobody }"))[0].errors[0].extensions.code;
} catch (error) {
  failed = error.response.status;
}
client.dispose();
console.log(JSON.stringify({ one, other, answer: answer.data, failed }));
