"""What do a batch of events change in the rows?  The current rows as far as they are needed, held in memory while the batch is folded.

A fold asks for current rows and puts their successors.  A new version is written only when the content differs.  Rows that were not
prefetched are loaded when first asked for; without a loader there is nothing to load and everything happens in memory.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from projections.versioned import BOOKKEEPING, OPEN, Row, Versioned

Loader = Callable[[type[Versioned], str, Iterable[Any]], Iterable[Row]]
"""Loads the open rows of a table whose column has one of the values; rows with their bookkeeping columns."""


class _Table:
    """The known current rows of one table."""

    def __init__(self, model: type[Versioned]) -> None:
        self.current: dict[str, Row] = {}
        self.by: dict[str, dict[Any, set[str]]] = {
            column: defaultdict(set) for column in model.looked_up_by
        }
        self.asked: dict[str, set[Any]] = defaultdict(set)
        self.seen: set[str] = set()
        self.stored: dict[str, int] = {}
        self.closed: dict[int, int] = {}
        self.inserts: list[Row] = []
        self.fresh: dict[str, Row] = {}
        self.ended: dict[str, tuple[int, Row, int | Row]] = {}

    def hold(self, row: Row) -> None:
        key = row["key"]
        self.seen.add(key)
        self.current[key] = row
        for column, index in self.by.items():
            index[row[column]].add(key)

    def drop(self, key: str) -> None:
        row = self.current.pop(key)
        for column, index in self.by.items():
            index[row[column]].discard(key)

    def reopen(self, key: str, version: int | Row) -> None:
        if isinstance(version, int):
            del self.closed[version]
            self.stored[key] = version
        else:
            version["to_position"] = OPEN
            self.fresh[key] = version


class _Tables(dict[type[Versioned], _Table]):
    """The known tables, each made when it is first asked for."""

    def __missing__(self, model: type[Versioned]) -> _Table:
        table = self[model] = _Table(model)
        return table


class Rows:
    """Current rows of all views, and the versions that a batch of events writes."""

    def __init__(self, load: Loader | None = None) -> None:
        self.position = 0
        """Position of the event that is being folded: where versions begin and end."""
        self._load = load
        self._tables = _Tables()

    def get(self, model: type[Versioned], key: str) -> Row | None:
        """The current row with a key, without bookkeeping columns; not to be changed in place."""
        table = self._tables[model]
        if key not in table.seen:  # what was found by another column is known, too
            self.prefetch(model, "key", (key,))
        return table.current.get(key)

    def find(self, model: type[Versioned], column: str, value: Any) -> list[Row]:
        """The current rows with a value in a looked-up column, in order of their keys."""
        self.prefetch(model, column, (value,))
        table = self._tables[model]
        return [table.current[key] for key in sorted(table.by[column][value])]

    def put(self, model: type[Versioned], row: Row) -> None:
        """Make a row current, in place of the one with its key; nothing happens if that says the same."""
        before = self.get(model, row["key"])
        if before == row:
            return
        if before is not None:
            self.end(model, row["key"])
        self.add(model, row)

    def add(self, model: type[Versioned], row: Row) -> None:
        """Make a row current whose key no current row has; spares the look.

        If that event ended a version that said the same, that version just goes on.
        """
        table = self._tables[model]
        key = row["key"]
        table.hold(row)
        if key in table.ended:
            position, said, version = table.ended[key]
            if position == self.position and said == row:
                table.reopen(key, version)
                return
        version = {**row, "from_position": self.position, "to_position": OPEN}
        table.fresh[key] = version
        table.inserts.append(version)

    def end(self, model: type[Versioned], key: str) -> None:
        """The row with a key is current no longer; nothing happens if there is none."""
        table = self._tables[model]
        row = self.get(model, key)
        if row is None:
            return
        table.drop(key)
        version = table.fresh.pop(key, None)
        if version is None:
            row_id = table.stored.pop(key)
            table.closed[row_id] = self.position
            table.ended[key] = self.position, row, row_id
        else:
            version["to_position"] = self.position
            if version["from_position"] < self.position:
                table.ended[key] = self.position, row, version

    def prefetch(self, model: type[Versioned], column: str, values: Iterable[Any]) -> None:
        """Load the current rows with these values at once, as far as they were not loaded before."""
        table = self._tables[model]
        missing = set(values) - table.asked[column]
        if not missing:
            return
        table.asked[column] |= missing
        if self._load is None:
            return
        for stored in self._load(model, column, sorted(missing)):
            if stored["key"] not in table.seen:
                table.stored[stored["key"]] = stored["row_id"]
                table.hold({k: v for k, v in stored.items() if k not in BOOKKEEPING})

    def take(self) -> Iterable[tuple[type[Versioned], list[tuple[int, int]], list[Row]]]:
        """For each changed table: (row_id, end) of the stored versions that ended, and the new versions."""
        for model, table in self._tables.items():
            inserts = [row for row in table.inserts if row["from_position"] < row["to_position"]]
            if table.closed or inserts:
                yield model, list(table.closed.items()), inserts
