"""In which SQL are tables made and statements written?  The dialects of the two engines, which keep and compare the same values alike."""

from typing import Any, Final

from sqlalchemy import Column
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.engine import Dialect


class _Types(PGTypeCompiler):
    """SQLite's types: integers have 64 bits, and texts are ordered by their bytes, whatever the database was made for."""

    def visit_INTEGER(self, *_: Any, **__: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        return "BIGINT"

    def visit_VARCHAR(self, *_: Any, **kw: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        of_a_table = isinstance(kw.get("type_expression"), Column)
        return 'TEXT COLLATE "C"' if of_a_table else "TEXT"


class _Postgresql(asyncpg.dialect):
    """PostgreSQL through asyncpg: values are numbered, and each is bound as a value of its type."""

    type_compiler_cls = _Types
    supports_statement_cache = True


_made: Any = (sqlite.dialect(paramstyle="named"), _Postgresql)  # SQLAlchemy types neither
SQLITE: Final[Dialect] = _made[0]
POSTGRESQL: Final[Dialect] = _made[1]()
