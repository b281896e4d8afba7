"""How does one look inside a server that runs?  Request ids, logs, metrics, traces."""
