// relay-compiler: does it compile operations of every kind against the schema?
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import compiler from "relay-compiler";

const [schema] = process.argv.slice(2);
const root = mkdtempSync(join(tmpdir(), "relay-"));
mkdirSync(join(root, "src", "__generated__"), { recursive: true });
writeFileSync(
  join(root, "src", "page.js"),
  `graphql\`
  query pageQuery($slug: String!) {
    actor(slug: $slug) { name ...page_actor }
    node(id: "x") { id ... on Actor { name } }
  }\`;
  graphql\`
  fragment page_actor on Actor @refetchable(queryName: "pageRelationsQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    relations(first: $count, after: $cursor) @connection(key: "page_relations") {
      edges { node { id predicate because { effect evidence { exact start } } } }
    }
  }\`;
  graphql\`
  subscription pageLogSubscription($after: Position) { log(after: $after) { id position kind } }\`;
  graphql\`
  mutation pageRetractMutation($input: RetractInput!) {
    retract(input: $input) { __typename ... on Recorded { last } ... on Problem { code message } }
  }\`;
`,
);
writeFileSync(
  join(root, "relay.config.json"),
  JSON.stringify({ src: "./src", schema, language: "javascript", artifactDirectory: "./src/__generated__" }),
);
execFileSync(compiler, ["relay.config.json"], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
console.log(JSON.stringify(readdirSync(join(root, "src", "__generated__")).sort()));
