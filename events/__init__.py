"""What can happen, and the log in which it is kept."""
