// Starts GraphiQL against this server. `?query=` and `?variables=` fill the first tab.

const given = new URLSearchParams(location.search);
const socket = new URL("/graphql", location.href);
socket.protocol = socket.protocol.replace("http", "ws");

const defaultQuery = `# Every field is described in the documentation: the first icon on the left.
# The start page has queries to begin with.

{
  actors(first: 10) {
    totalCount
    edges {
      node {
        slug
        name
      }
    }
  }
}
`;

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(
    GraphiQL,
    {
      defaultQuery,
      fetcher: GraphiQL.createFetcher({
        url: "/graphql",
        wsClient: graphqlWs.createClient({ url: socket.href }),
      }),
      query: given.get("query") ?? undefined,
      variables: given.get("variables") ?? undefined,
    },
    React.createElement(
      GraphiQL.Logo,
      null,
      React.createElement("a", { href: "/", className: "graphiql-logo-link" }, "Communiqué"),
    ),
  ),
);
