-- What the role that serves may do.  Run by the owner, after each `communique migrate`.
GRANT SELECT ON alembic_version TO communique_server;
GRANT SELECT, INSERT ON log, log_keys TO communique_server;
GRANT SELECT, UPDATE ON log_head TO communique_server; -- which the triggers alone may change
GRANT USAGE, CREATE ON SCHEMA public TO communique_server; -- for the tables of the views, which it owns
