"""How did the log's tables come to be?  One Alembic revision per change; none is ever edited once it was released."""
