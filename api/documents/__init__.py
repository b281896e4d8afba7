"""Which document does a request mean that only names it?  One of a manifest, or one that was sent before with its hash."""
