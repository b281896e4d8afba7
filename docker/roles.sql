-- Who owns the log, who serves it, and where it is.  Run once, by a superuser, with psql.
\getenv owner_password OWNER_PASSWORD
\getenv server_password SERVER_PASSWORD
CREATE ROLE communique_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE communique_server LOGIN PASSWORD :'server_password';
CREATE DATABASE news OWNER communique_owner;
REVOKE ALL ON DATABASE news FROM PUBLIC;
GRANT CONNECT ON DATABASE news TO communique_server;
