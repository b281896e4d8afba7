"""How do people and programs use it?  GraphQL, web pages, the command line, and the composition root."""
