// PostGraphile over the tables of benchmarks/read/facts.sql, set up as its documentation says for production.
import { createServer } from "node:http";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [connectionString, connections] = process.argv.slice(2);

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset],
  pgServices: [makePgService({ connectionString, schemas: ["facts"], poolConfig: { max: Number(connections) } })],
  schema: { defaultBehavior: "+connection +list -insert -update -delete" },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, outputDataAsString: true },
});
await pgl.getSchema();

const server = createServer();
await pgl.createServ(grafserv).addTo(server);
server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
