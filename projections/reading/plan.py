"""What runs?  A plan: one statement for a whole operation, and how its values are bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, literal_column, select
from sqlalchemy.engine import Dialect
from sqlalchemy.types import BigInteger, String

from projections.reading.fields import AnyField, At, Sql, View
from projections.reading.functions import integer
from projections.reading.json_sql import Text
from projections.reading.selection import Argument, Field, Param
from projections.reading.statement import Bind, Statement
from projections.reading.tables import LOG


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement that gives (position of the views, finished JSON object), and its bound values."""

    sql: str
    binds: tuple[Bind, ...]
    constants: Mapping[str, Any]
    """Values that are the same every time."""
    order: tuple[str, ...] = ()
    """The names of the values, where the statement has them by their numbers."""

    def values(self, given: Sequence[Any]) -> dict[str, Any]:
        """The bound values, by name, for what a request gives.  Raises the refusals of those that cannot be bound."""
        values = dict(self.constants)
        for bind in self.binds:
            value, *beside = (given[slot] for slot in bind.slots)
            values[bind.name] = value if bind.convert is None else bind.convert(value, *beside)
        return values


def plan(
    fields: Sequence[Field],
    roots: Mapping[str, AnyField],
    views: Mapping[str, View],
    typename: str,
    dialect: Dialect,
    as_of: Param | None = None,
) -> Plan:
    """The plan that reads root fields, all in one statement: as of a position, where they do not say another moment themselves.

    Raises BadPage for arguments that contradict each other.
    """
    statement = Statement(views, dialect)
    text = Text("{")
    for n, each in enumerate(fields):
        text.add(f'{"," if n else ""}"{each.key}":')
        if each.name == "__typename":
            text.add(f'"{typename}"')
            continue
        with statement.at_moment(_moment(statement, each.arguments.get("asOf"), as_of)):
            text.add(statement.value(roots[each.name], each, At(None, arguments=each.arguments)))
    query = select(statement.present, text.add("}").sql())
    compiled: Any = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    bound = {bind.name for bind in statement.binds}
    constants = {name: value for name, value in compiled.params.items() if name not in bound}
    order = tuple(compiled.positiontup or ())
    return Plan(str(compiled), tuple(statement.binds), constants, order)


def _moment(statement: Statement, as_of: Argument, otherwise: Param | None) -> Sql | None:
    """The position that `asOf` means: itself, or that of the last event recorded by an instant."""
    if not isinstance(as_of, dict):
        return None if otherwise is None else statement.bind(otherwise, None, BigInteger())
    position = as_of.get("position")
    if isinstance(position, Param):
        return statement.bind(position, None, BigInteger())
    instant = as_of["recordedAt"]
    assert isinstance(instant, Param)  # noqa: S101 - asOf has exactly one field, which is not null
    return _last_until(statement, statement.bind(instant, None, String()))


def _last_until(statement: Statement, instant: Sql) -> Sql:
    """The last position recorded up to an instant: by bisection, which needs no index since `recorded_at` never runs backwards."""
    zero, one = integer(literal_column("0")), literal_column("1", BigInteger)
    end = select(func.coalesce(func.max(LOG.c.position), zero)).scalar_subquery()
    between = select(zero.label("low"), end.label("high")).cte(statement.name(), recursive=True)
    low, high = between.c.low, between.c.high
    middle = statement.alias(LOG)
    early = middle.c.recorded_at <= instant
    narrowed = (
        select(
            case((early, middle.c.position), else_=low),
            case((early, high), else_=middle.c.position - one),
        )
        .join_from(between, middle, middle.c.position == (low + high + one) // literal_column("2"))
        .where(low < high)
    )
    found = between.union_all(narrowed)
    return select(found.c.low).where(found.c.low == found.c.high).scalar_subquery()
