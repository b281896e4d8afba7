"""The log: its records, its head, and the keys of its appends."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Position = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite's row id is an INTEGER
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared as bytes are
Key = sa.Text().with_variant(sa.LargeBinary, "postgresql")  # UTF-8: its TEXT knows no NUL

SQLITE_TRIGGERS = (
    # INSERT OR REPLACE deletes without firing a DELETE trigger: so nothing that exists is let in.
    """
    CREATE TRIGGER log_grows_at_its_head BEFORE INSERT ON log
    WHEN NEW.position IS NOT (SELECT position + 1 FROM log_head)
      OR NEW.version IS NOT
        (SELECT coalesce(max(version), 0) + 1 FROM log WHERE stream = NEW.stream)
    BEGIN SELECT RAISE(ABORT, 'the log grows only at its head, and a stream at its end'); END
    """,
    """
    CREATE TRIGGER log_head_advances AFTER INSERT ON log
    BEGIN UPDATE log_head SET position = NEW.position, recorded_at = NEW.recorded_at; END
    """,
    """
    CREATE TRIGGER log_refuses_update BEFORE UPDATE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no UPDATE'); END
    """,
    """
    CREATE TRIGGER log_refuses_delete BEFORE DELETE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no DELETE'); END
    """,
    """
    CREATE TRIGGER log_keys_are_unique BEFORE INSERT ON log_keys
    WHEN EXISTS (SELECT 1 FROM log_keys WHERE key = NEW.key)
    BEGIN SELECT RAISE(ABORT, 'a key is unique for ever'); END
    """,
    """
    CREATE TRIGGER log_keys_refuses_update BEFORE UPDATE ON log_keys
    BEGIN SELECT RAISE(ABORT, 'keys are append-only: no UPDATE'); END
    """,
    """
    CREATE TRIGGER log_keys_refuses_delete BEFORE DELETE ON log_keys
    BEGIN SELECT RAISE(ABORT, 'keys are append-only: no DELETE'); END
    """,
)


POSTGRES_GUARDS = (
    # Positions, versions and times are looked at once for all rows of a statement.
    """
    CREATE FUNCTION log_grows_at_its_head() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE head log_head;
    BEGIN
      SELECT * INTO STRICT head FROM log_head FOR UPDATE;
      IF EXISTS (
        SELECT FROM (
          SELECT stream, position, version, recorded_at,
            row_number() OVER (ORDER BY position) AS nth,
            lag(recorded_at, 1, head.recorded_at) OVER (ORDER BY position) AS recorded_before,
            lag(version) OVER (PARTITION BY stream ORDER BY position) AS version_before
          FROM added
        ) AS placed
        WHERE position <> head.position + nth OR recorded_at < recorded_before
          OR version <> 1 + coalesce(version_before, (
            SELECT max(version) FROM log
            WHERE log.stream = placed.stream AND log.position <= head.position
          ), 0)
      ) THEN
        RAISE EXCEPTION 'the log grows only at its head, and a stream at its end'
        USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      UPDATE log_head SET (position, recorded_at) =
        (SELECT position, recorded_at FROM added ORDER BY position DESC LIMIT 1)
      WHERE EXISTS (SELECT FROM added);
      RETURN NULL;
    END $$
    """,
    # Nobody's temporary table shall be taken for one of these.
    """
    DO $$ BEGIN
      EXECUTE format('ALTER FUNCTION log_grows_at_its_head() SET search_path = %I, pg_temp',
        current_schema());
    END $$
    """,
    """
    CREATE FUNCTION log_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '%: no %', TG_ARGV[0], TG_OP
      USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER log_grows_at_its_head AFTER INSERT ON log
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION log_grows_at_its_head()
    """,
    """
    CREATE TRIGGER log_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION log_refuses('the log is append-only')
    """,
    """
    CREATE TRIGGER log_keys_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON log_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log_refuses('keys are append-only')
    """,
    """
    CREATE TRIGGER log_head_refuses_changes
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON log_head
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION log_refuses('the head advances only with the log')
    """,
    # session_replication_role switches off all others.
    "ALTER TABLE log ENABLE ALWAYS TRIGGER log_grows_at_its_head",
    "ALTER TABLE log ENABLE ALWAYS TRIGGER log_refuses_changes",
    "ALTER TABLE log_keys ENABLE ALWAYS TRIGGER log_keys_refuses_changes",
    "ALTER TABLE log_head ENABLE ALWAYS TRIGGER log_head_refuses_changes",
)


def upgrade() -> None:
    sqlite = op.get_context().dialect.name == "sqlite"
    op.create_table(
        "log",
        sa.Column("position", Position, primary_key=True, autoincrement=False),
        sa.Column("stream", Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("recorded_at", Text, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("log_by_stream", "log", ["stream", "version"], unique=True)
    head = op.create_table(
        "log_head",
        sa.Column("position", Position, nullable=False),
        sa.Column("recorded_at", Text, nullable=False),
        sqlite_strict=True,
    )
    op.bulk_insert(head, [{"position": 0, "recorded_at": ""}])
    op.create_table(
        "log_keys",
        sa.Column("key", Key, primary_key=sqlite, nullable=False),
        sa.Column("first", Position, nullable=False),
        sa.Column("last", Position, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    if not sqlite:  # a key may be longer than what an index takes
        op.create_index("log_keys_by_key", "log_keys", [sa.text("sha256(key)")], unique=True)
    for guard in SQLITE_TRIGGERS if sqlite else POSTGRES_GUARDS:
        op.execute(guard)
