"""How do records and rows look to people?"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from api.cli.gist import gist
from api.cli.output import console
from events.record import Recorded

LONGEST: Final = 50
"""Characters that are shown of a key or a column."""
TOGETHER: Final = 500
"""Rows whose columns are made equally wide."""
EMPTY: Final = (None, "", "[]")


def record_printer() -> Callable[[Sequence[Recorded]], None]:
    """Prints records page by page, as one table with columns that stay where they are."""
    out = console()
    headed = False

    def show(records: Sequence[Recorded]) -> None:
        nonlocal headed
        table = Table(box=None, expand=True, show_header=not headed, padding=(0, 1, 0, 0))
        table.add_column("position", justify="right", width=8, style="bold")
        table.add_column("recorded (UTC)", width=19, style="dim")
        for name, ratio in (("stream", 3), ("kind", 2), ("gist", 6)):
            table.add_column(name, ratio=ratio, no_wrap=True)
        for record in records:
            recorded_at = record.recorded_at[:19].replace("T", " ")
            words = (record.stream, record.kind, _one_line(gist(record.event)))
            table.add_row(str(record.position), recorded_at, *map(Text, words))
        headed = True
        out.print(table)

    return show


def print_rows(rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Rows of a view: for each of its tables the keys, and what is said under them."""
    for name, group in groupby(rows, itemgetter(0)):
        held = (row for _, row in group)
        while some := list(islice(held, TOGETHER)):
            table = Table(box=None, padding=(0, 1, 0, 0))
            table.add_column(name, no_wrap=True, max_width=LONGEST, style="bold")
            table.add_column("")
            for row in some:
                table.add_row(Text(row["key"]), _content(row))
            console().print(table)


def print_digest(view: str, position: int, digest: str, note: str = "") -> None:
    """A view's digest at a position."""
    console().print(f"{digest}  {view:<11}  at {position}  {note}".rstrip(), soft_wrap=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _content(row: dict[str, Any]) -> Text:
    """Each column behind its name; those that say nothing are left out."""
    content = Text()
    for column, value in row.items():
        if column != "key" and value not in EMPTY:
            shown = _one_line(str(value))
            shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
            content.append(f"{column} ", "dim").append(f"{shown}  ")
    return content
