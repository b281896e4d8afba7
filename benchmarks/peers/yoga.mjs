// graphql-yoga with graphql-ws, set up as its documentation says: live events from an in-memory pub/sub.
// What is recorded is published and forgotten: there is no log, nothing is checked, and nobody can resume.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { useServer } from "graphql-ws/use/ws";
import { createPubSub, createSchema, createYoga, filter, pipe } from "graphql-yoga";
import { WebSocketServer } from "ws";

// How a subscriber gets only what it wants: by a topic with an id, or by a filter behind a topic that all share.
const byTopic = process.argv[2] === "topic";
const events = createPubSub();
let position = 0;

const typeDefs = `
  scalar Position
  type LogEntry { position: Position! eventId: String! stream: String! kind: String! recordedAt: String! }
  interface Problem { message: String! }
  type LogUnavailable implements Problem { message: String! }
  type Recorded { last: Position! }
  union RecordResult = Recorded | LogUnavailable
  input LogFilter { stream: String }
  input RelationAttestedInput { ref: String subject: String! predicate: String! object: String! evidence: [QuoteInput!]! }
  input QuoteInput { exact: String! }
  input ReportInput { relationAttested: RelationAttestedInput }
  input RecordInput { article: String! reports: [ReportInput!]! }
  type Query { position: Position! }
  type Mutation { record(input: RecordInput!): RecordResult! }
  type Subscription { log(after: Position, filter: LogFilter): LogEntry! }
`;

const resolvers = {
  Query: { position: () => position },
  Mutation: {
    record: (_, { input }) => {
      const stream = `article/${input.article}`;
      position += 1;
      const recordedAt = new Date().toISOString();
      const entry = { position, eventId: randomUUID(), stream, kind: "RelationAttested", recordedAt };
      if (byTopic) events.publish("log", stream, entry);
      else events.publish("log", entry);
      return { __typename: "Recorded", last: position };
    },
  },
  Subscription: {
    log: {
      subscribe: (_, { filter: { stream } }) =>
        byTopic
          ? events.subscribe("log", stream)
          : pipe(events.subscribe("log"), filter((entry) => entry.stream === stream)),
      resolve: (entry) => entry,
    },
  },
};

const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false });
const server = createServer(yoga);
useServer(
  {
    execute: (args) => args.rootValue.execute(args),
    subscribe: (args) => args.rootValue.subscribe(args),
    onSubscribe: async (context, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...context,
        req: context.extra.request,
        socket: context.extra.socket,
        params,
      });
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length ? errors : args;
    },
  },
  new WebSocketServer({ server, path: yoga.graphqlEndpoint }),
);
server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
