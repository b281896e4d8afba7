"""How are the members of JSON values read?  By name, or one after the other; as SQL values, or as the JSON that they are already.

What the views keep is canonical JSON (`events/canonical.py`), whose texts are written in the bytes in which both engines write them.  So
what is shown of it needs neither to be read nor to be written again.
"""

from typing import Any

from sqlalchemy import column
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, String

from projections.reading.fields import Sql


class Member(FunctionElement[Any]):
    """A member of a JSON object or array: a text or number as such, an object or array as JSON text, null as null."""

    inherit_cache = False
    type = String()

    def __init__(self, value: Sql, name: str | int) -> None:
        super().__init__(value)
        self.named = name


@compiles(Member, "sqlite")
def _extracted(element: Member, compiler: SQLCompiler, **kw: Any) -> str:
    value, path = _path(element)
    return f"json_extract({compiler.process(value, **kw)}, '{path}')"


@compiles(Member, "postgresql")
def _member(element: Member, compiler: SQLCompiler, **kw: Any) -> str:
    (value,) = element.clauses
    return f"({_json(value, compiler, **kw)} ->> {_key(element)})"


class absent(FunctionElement[bool]):  # noqa: N801 - a function
    """Whether there is no JSON object; none that is kept is JSON's own null."""

    inherit_cache = False
    type = Boolean()


@compiles(absent, "sqlite")
def _absent(element: absent, compiler: SQLCompiler, **kw: Any) -> str:
    (value,) = element.clauses
    return f"({compiler.process(value, **kw)} IS NULL)"


@compiles(absent, "postgresql")
def _absent_as_json(element: absent, compiler: SQLCompiler, **kw: Any) -> str:
    (value,) = element.clauses
    return f"(({_json(value, compiler, **kw)}) IS NULL)"


class shown(FunctionElement[str]):  # noqa: N801 - a function
    """The JSON text of a member; null if there is none."""

    inherit_cache = False
    type = String()


@compiles(shown, "sqlite")
def _shown(element: shown, compiler: SQLCompiler, **kw: Any) -> str:
    (member,) = element.clauses
    value, path = _path(member)
    return f"({compiler.process(value, **kw)} -> '{path}')"


@compiles(shown, "postgresql")
def _shown_as_text(element: shown, compiler: SQLCompiler, **kw: Any) -> str:
    (member,) = element.clauses
    return f"({_json(member, compiler, **kw)})::text"


def members(of: Sql, name: str | None = None) -> Any:
    """The members of a JSON array as rows with `key`, which orders them, and `value`, an SQL value."""
    return _Members(of).table_valued("key", "value", name=name)


def objects(of: Sql, name: str) -> Any:
    """The objects in a JSON array as rows with `value`, whose members can be read, in the order of the array."""
    return _Objects(of).table_valued(column("value", _type(of)), name=name)


class _Members(FunctionElement[Any]):
    inherit_cache = False


class _Objects(_Members):
    inherit_cache = False


@compiles(_Members, "sqlite")
def _each(element: _Members, compiler: SQLCompiler, **kw: Any) -> str:
    (given,) = element.clauses
    if not isinstance(given, Member):
        return f"json_each({compiler.process(given, **kw)})"
    value, path = _path(given)
    return f"json_each({compiler.process(value, **kw)}, '{path}')"


@compiles(_Members, "postgresql")
def _numbered(element: _Members, compiler: SQLCompiler, **kw: Any) -> str:
    (given,) = element.clauses
    texts = f"{_kind(given)}_array_elements_text({_json(given, compiler, **kw)})"
    return f"(SELECT value, key FROM {texts} WITH ORDINALITY AS member (value, key))"  # noqa: S608 - no text from outside


@compiles(_Objects, "postgresql")
def _elements(element: _Objects, compiler: SQLCompiler, **kw: Any) -> str:
    (given,) = element.clauses
    return f"{_kind(given)}_array_elements({_json(given, compiler, **kw)})"


def _path(member: Any) -> tuple[Any, str]:
    """The value that a member, or a member of a member, is read out of, and the way there."""
    (value,), named = member.clauses, member.named
    value, path = _path(value) if isinstance(value, Member) else (value, "$")
    return value, path + (f"[{named}]" if isinstance(named, int) else f".{named}")


def _json(value: Any, compiler: SQLCompiler, **kw: Any) -> str:
    """A value as JSON; of a member of a member nothing is turned into text that would be parsed again."""
    if isinstance(value, Member):
        (outer,) = value.clauses
        return f"{_json(outer, compiler, **kw)} -> {_key(value)}"
    text = compiler.process(value, **kw)
    return text if isinstance(value.type, JSON) else f"({text})::json"


def _key(element: Member) -> str:
    return str(element.named) if isinstance(element.named, int) else f"'{element.named}'"


def _kind(value: Any) -> str:
    return "jsonb" if isinstance(_type(value), JSONB) else "json"


def _type(value: Any) -> JSON:
    """The type of JSON in which a value is on PostgreSQL, or that it is taken for."""
    while isinstance(value, Member):
        (value,) = value.clauses
    return value.type if isinstance(value.type, JSON) else JSON()
