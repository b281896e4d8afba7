"""How do commands print: for people with rich, for programs one JSON object a line?"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from rich.console import Console

    from projections.runner import Progress

WIDE: Final = 200
"""Columns of output that does not go to a terminal."""

as_json: Final[Callable[[Any], Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line, for programs."
)


def console() -> "Console":
    """Standard output, for people."""
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            raise  # noqa: PLE0704 - it is called while the error is handled, and left to our caller

    return Quiet(width=None if sys.stdout.isatty() else WIDE, highlight=False)


def print_json(value: dict[str, Any]) -> None:
    """One object on one line."""
    import orjson

    print_line(orjson.dumps(value))


def print_line(line: bytes) -> None:
    """A line to standard output, byte for byte."""
    sys.stdout.buffer.write(line + b"\n")


@contextmanager
def progress(title: str) -> Iterator["Progress | None"]:
    """A bar on standard error while something long goes on; none unless a terminal shows it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda reached, aim: bar.update(task, completed=reached, total=aim)
