// Starts GraphiQL against this server. `?query=` and `?variables=` fill the first tab; `#token=` is who asks, as long as the tab is open.

const given = new URLSearchParams(location.search);
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  sessionStorage.setItem("token", token);
  history.replaceState(null, "", location.pathname + location.search);
}

// What goes with every request and every new socket; the editor of headers can say otherwise.
const kept = sessionStorage.getItem("token");
const authorization = kept ? { Authorization: `Bearer ${kept}` } : {};
let headers = authorization;
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

const fetcher = GraphiQL.createFetcher({
  url: "/graphql",
  wsClient: graphqlWs.createClient({ url: socket.href, connectionParams: () => headers }),
});

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(
    GraphiQL,
    {
      defaultQuery,
      fetcher: (asked, options) => {
        headers = { ...authorization, ...options?.headers };
        return fetcher(asked, { ...options, headers });
      },
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
