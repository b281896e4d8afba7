"""Which versions does a batch of events write?"""

from collections.abc import Iterable
from typing import Any

from projections.actors import Alias
from projections.rows import Rows
from projections.versioned import OPEN, Row, Versioned


def row(key: str = "k", actor: str = "ann", alias: str = "A") -> Row:
    return {"key": key, "actor": actor, "alias": alias}


def stored(row_id: int, **content: str) -> Row:
    return {"row_id": row_id, **row(**content), "from_position": 1, "to_position": OPEN}


class Table:
    """What a database holds, and what it was asked for."""

    def __init__(self, *rows: Row) -> None:
        self.rows = rows
        self.asked: list[tuple[str, list[Any]]] = []

    def load(self, _: type[Versioned], column: str, values: Iterable[Any]) -> list[Row]:
        values = list(values)
        self.asked.append((column, values))
        return [row for row in self.rows if row[column] in values]


def at(position: int, rows: Rows) -> Rows:
    """The same rows, in the fold of the event at a position."""
    rows.position = position
    return rows


def written(rows: Rows) -> list[tuple[str, int, int]]:
    """(content, beginning, end) of the new versions."""
    return [
        (version["alias"], version["from_position"], version["to_position"])
        for _, _, inserts in rows.take()
        for version in inserts
    ]


def closed(rows: Rows) -> list[tuple[int, int]]:
    """(row id, end) of the stored versions that ended."""
    return [each for _, ended, _ in rows.take() for each in ended]


def test_new_row_is_current_from_its_event_on() -> None:
    rows = at(3, Rows())
    rows.put(Alias, row())
    assert rows.get(Alias, "k") == row()
    assert written(rows) == [("A", 3, OPEN)]


def test_changed_row_ends_the_version_before() -> None:
    rows = at(3, Rows())
    rows.put(Alias, row())
    at(5, rows).put(Alias, row(alias="B"))
    assert rows.get(Alias, "k") == row(alias="B")
    assert written(rows) == [("A", 3, 5), ("B", 5, OPEN)]


def test_row_that_says_the_same_is_no_new_version() -> None:
    rows = at(3, Rows())
    rows.put(Alias, row())
    at(5, rows).put(Alias, row())
    assert written(rows) == [("A", 3, OPEN)]


def test_ended_row_is_not_current() -> None:
    rows = at(3, Rows())
    rows.put(Alias, row())
    at(5, rows).end(Alias, "k")
    assert rows.get(Alias, "k") is None
    assert rows.find(Alias, "actor", "ann") == []
    assert written(rows) == [("A", 3, 5)]


def test_ending_what_is_not_there_does_nothing() -> None:
    rows = at(3, Rows())
    rows.end(Alias, "k")
    assert list(rows.take()) == []


def test_version_that_an_event_begins_and_ends_is_not_written() -> None:
    rows = at(3, Rows())
    rows.put(Alias, row())
    rows.put(Alias, row(alias="B"))
    rows.end(Alias, "k")
    assert written(rows) == []


def test_version_goes_on_if_one_event_ends_it_and_says_the_same() -> None:
    rows = at(3, Rows())
    rows.put(Alias, row())
    at(5, rows).end(Alias, "k")
    rows.put(Alias, row(alias="B"))
    rows.put(Alias, row())
    assert rows.get(Alias, "k") == row()
    assert written(rows) == [("A", 3, OPEN)]


def test_what_a_later_event_says_again_is_a_new_version() -> None:
    rows = at(3, Rows())
    rows.put(Alias, row())
    at(5, rows).end(Alias, "k")
    at(6, rows).put(Alias, row())
    assert written(rows) == [("A", 3, 5), ("A", 6, OPEN)]


def test_rows_are_found_by_what_they_say_now() -> None:
    rows = at(3, Rows())
    rows.put(Alias, row("2"))
    rows.put(Alias, row("1"))
    rows.put(Alias, row("3", actor="bob"))
    rows.put(Alias, row("2", actor="bob"))
    assert rows.find(Alias, "actor", "ann") == [row("1")]
    assert rows.find(Alias, "actor", "bob") == [row("2", "bob"), row("3", "bob")]


def test_stored_row_is_loaded_once() -> None:
    table = Table(stored(7))
    rows = at(3, Rows(table.load))
    assert rows.get(Alias, "k") == row()
    assert rows.get(Alias, "k") == row()
    assert table.asked == [("key", ["k"])]


def test_absent_row_is_looked_for_once() -> None:
    table = Table()
    rows = at(3, Rows(table.load))
    assert rows.get(Alias, "k") is None
    rows.put(Alias, row())
    assert table.asked == [("key", ["k"])]


def test_prefetched_rows_are_loaded_at_once() -> None:
    table = Table(stored(7, key="1"), stored(8, key="2", actor="bob"))
    rows = at(3, Rows(table.load))
    rows.prefetch(Alias, "actor", ["bob", "ann"])
    rows.prefetch(Alias, "actor", ["ann"])
    assert rows.find(Alias, "actor", "bob") == [row("2", "bob")]
    assert table.asked == [("actor", ["ann", "bob"])]


def test_changed_stored_row_is_closed_and_followed() -> None:
    rows = at(3, Rows(Table(stored(7)).load))
    rows.put(Alias, row(alias="B"))
    assert closed(rows) == [(7, 3)]
    assert written(rows) == [("B", 3, OPEN)]


def test_stored_row_that_says_the_same_stays() -> None:
    rows = at(3, Rows(Table(stored(7)).load))
    rows.put(Alias, row())
    assert list(rows.take()) == []


def test_stored_version_goes_on_if_one_event_ends_it_and_says_the_same() -> None:
    rows = at(3, Rows(Table(stored(7)).load))
    rows.end(Alias, "k")
    rows.put(Alias, row(alias="B"))
    rows.put(Alias, row())
    assert list(rows.take()) == []
    at(4, rows).put(Alias, row(alias="B"))
    assert closed(rows) == [(7, 4)]


def test_changed_row_is_not_loaded_again_in_its_stored_form() -> None:
    rows = at(3, Rows(Table(stored(7)).load))
    rows.put(Alias, row(actor="bob"))
    assert rows.find(Alias, "actor", "ann") == []
    rows.end(Alias, "k")
    assert rows.find(Alias, "actor", "bob") == []
    assert rows.get(Alias, "k") is None
    assert closed(rows) == [(7, 3)]
