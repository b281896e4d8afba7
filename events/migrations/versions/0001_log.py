"""The log: its records, its head, and the keys of its appends."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Position = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite's row id is an INTEGER

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


def upgrade() -> None:
    op.create_table(
        "log",
        sa.Column("position", Position, primary_key=True, autoincrement=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("log_by_stream", "log", ["stream", "version"], unique=True)
    head = op.create_table(
        "log_head",
        sa.Column("position", Position, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.bulk_insert(head, [{"position": 0, "recorded_at": ""}])
    op.create_table(
        "log_keys",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("first", Position, nullable=False),
        sa.Column("last", Position, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for trigger in SQLITE_TRIGGERS:
        op.execute(trigger)
