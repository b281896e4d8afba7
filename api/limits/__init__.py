"""What may one operation ask for?  Limits that are seen before it is parsed, validated or run; each is a setting."""
