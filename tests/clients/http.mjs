// The audit of GraphQL over HTTP: what became of each check, and why.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2] });
const found = results.map(({ id, name, status, reason }) => ({ id, name, status, reason }));
console.log(JSON.stringify(found));
