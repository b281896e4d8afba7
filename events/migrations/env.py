"""Where does Alembic run?  On the connection, and in the transaction, that it is handed; or it says what it would do."""

from alembic import context

if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql+asyncpg", literal_binds=True, transactional_ddl=False
    )
else:
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
