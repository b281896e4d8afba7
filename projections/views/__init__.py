"""What do the views show?  Each field of each type, described over the tables; one file a subject."""
