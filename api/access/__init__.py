"""Who may do what?  Callers and their rights, the tokens that prove who somebody is, and what the edge lets through."""
