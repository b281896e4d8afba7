"""How is it used?  As GraphQL, on web pages, and from the command line."""
