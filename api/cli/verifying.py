"""What is said of live views beside replayed ones?  `communique replay --verify`."""

from contextlib import closing
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import click

from api.cli.files import written
from api.cli.output import print_json, progress
from api.composition import opened_log
from api.engines import store_of
from api.settings import load
from projections.certificates import as_text, certify
from projections.verifying import Compared, Difference
from projections.verifying import verify as compare

LONGEST: Final = 60
"""Characters that people are shown of a content."""
BEFORE: Final = 20
"""How many of them stand before the first one that differs."""


async def verify(certificate: Path | None, *, as_json: bool) -> bool:
    """Compare, tell, and write the certificate; gives whether all live views agree."""
    settings = load()
    async with opened_log(settings, make=False) as (place, log):
        with progress("Replaying") as bar:
            replayed, views = await compare(store_of(place), log, bar)
    with closing(replayed):
        document = certify(replayed, version("communique"))
    for view in views:
        if as_json:
            _print_json(view)
        else:
            _tell(view, err=certificate is None)
    if not views and not as_json:
        click.echo("there are no live views yet", err=certificate is None)
    if certificate is not None:
        with written(certificate, settings.database) as out:
            out.write(as_text(document))
    elif as_json:
        print_json(vars(document))
    else:
        click.echo(as_text(document), nl=False)
    return all(view.agrees for view in views)


def _tell(view: Compared, *, err: bool) -> None:
    note = "as replayed" if view.agrees else view.problem or "differs from the log"
    click.echo(f"{view.live or '-' * 64}  {view.view:<11}  at {view.position}  {note}", err=err)
    for each in view.differences:
        row = f"  {each.table} {_cut(each.key, 0)} from position {each.from_position}"
        click.echo(f"{row}: {_said(each)}", err=err)
    if view.left_out:
        click.echo(f"  … and {view.left_out} more rows", err=err)


def _said(difference: Difference) -> str:
    if difference.what == "missing":
        return "is missing in the live view"
    if difference.what == "surplus":
        return "does not follow from the log"
    return "; ".join(
        f"{column} is {live}, replayed {expected}"
        for column, (live, expected) in (
            (column, _shown(*values)) for column, values in difference.columns.items()
        )
    )


def _shown(live: Any, expected: Any) -> tuple[str, str]:
    """Two contents, cut to where they begin to differ."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(str(live), str(expected), strict=False))
    start = max(0, sum(1 for _ in alike) - BEFORE)
    return _cut(live, start), _cut(expected, start)


def _cut(value: Any, start: int) -> str:
    if not isinstance(value, str):
        return f"{value!r:.{LONGEST}}"
    cut = value[start : start + LONGEST]
    return f"{'…' * (start > 0)}{cut!r}{'…' * (start + LONGEST < len(value))}"


def _print_json(view: Compared) -> None:
    names = ("view", "position", "live", "replayed", "agrees", "problem", "left_out")
    print_json({name: getattr(view, name) for name in names})
    for each in view.differences:
        columns = {
            column: {"live": _plain(live), "replayed": expected}
            for column, (live, expected) in each.columns.items()
        }
        row = {"key": _plain(each.key), "from_position": _plain(each.from_position)}
        told = {"view": each.view, "table": each.table, "what": each.what}
        print_json({**told, **row, "columns": columns})


def _plain(value: Any) -> Any:
    """Bytes, which no fold writes and JSON cannot say, as SQLite would quote them."""
    return f"x'{value.hex()}'" if isinstance(value, bytes) else value
