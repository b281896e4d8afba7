// graphql-inspector: what changed between the first schema and each of the others, and how bad that is for front ends.
import { readFileSync } from "node:fs";
import { diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const [before, ...others] = process.argv.slice(2).map((path) => buildSchema(readFileSync(path, "utf8")));
const changes = await Promise.all(others.map((after) => diff(before, after)));
console.log(
  JSON.stringify(changes.map((each) => each.map(({ criticality, message }) => [criticality.level, message]))),
);
