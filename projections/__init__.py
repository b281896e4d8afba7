"""Views folded from the log, and how they are read."""
