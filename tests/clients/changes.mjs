// graphql-inspector: what changed between two schemas, and how bad that is for front ends.
import { readFileSync } from "node:fs";
import { diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const [before, after] = process.argv.slice(2).map((path) => buildSchema(readFileSync(path, "utf8")));
const changes = await diff(before, after);
console.log(JSON.stringify(changes.map(({ criticality, message }) => [criticality.level, message])));
