"""What does the log say, and what follows from it?  `communique log` and `communique replay`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import click

from api.cli.output import as_json, print_json, print_line, progress
from api.cli.views import LISTED, ViewName

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from events.log import EventLog
    from events.record import Recorded
    from projections.digests import View

    Rows = Iterator[tuple[str, dict[str, Any]]]

PAGE: Final = 500
"""Records that are read and printed together."""


@click.command()
@click.option("--after", type=click.IntRange(0), default=0, help="Begin behind this position.")
@click.option("--limit", type=click.IntRange(0), help="End after so many events.")
@click.option("--follow", is_flag=True, help="Go on with new events, until Ctrl-C.")
@as_json
def log(*, after: int, limit: int | None, follow: bool, as_json: bool) -> None:
    """Print the log: what happened, in order of position.

    With --json these are the exact records that are stored and hashed, byte for byte: canonical
    JSON (RFC 8785) with position, id, stream, version, kind, schema_version, recorded_at, recorder,
    key, causation, correlation and payload.  The SHA-256 of a zero byte and a line without its end
    is the leaf hash of RFC 6962.  Evidence is in the payload: the `exact` words, with `start` and
    `end` in code points over the article's text.
    """
    try:
        asyncio.run(_log(after, limit, follow=follow, as_json=as_json))
    except KeyboardInterrupt:
        if not follow:
            raise


async def _log(after: int, limit: int | None, *, follow: bool, as_json: bool) -> None:
    import sys

    from api.cli.tables import record_printer
    from api.composition import opened_log
    from api.settings import load

    async with opened_log(load(), make=False) as (_, log):
        show = _print_records if as_json else record_printer()
        async for records in _pages(log, after, limit, follow=follow):
            show(records)
            if follow:
                sys.stdout.flush()


async def _pages(
    log: "EventLog", after: int, limit: int | None, *, follow: bool
) -> "AsyncIterator[Sequence[Recorded]]":
    left = 2**53 if limit is None else limit
    while left and (records := await log.read(after, min(PAGE, left))):
        yield records
        after, left = records[-1].position, left - len(records)
    if follow and left:
        async for record in log.follow(after):
            yield [record]
            left -= 1
            if not left:
                return


def _print_records(records: "Sequence[Recorded]") -> None:
    for record in records:
        print_line(record.record)


@click.command()
@click.option("--until", type=click.IntRange(0), required=True, help="Position to fold up to.")
@click.option("--view", type=ViewName(), help=f"Print its rows: {LISTED}.")
@as_json
def replay(*, until: int, view: "View | None", as_json: bool) -> None:
    """Print what the views said at a position.

    The log is folded from nothing up to there.  Nothing that is live is read or changed: the rows come from the log alone, in a temporary
    database.  Without --view: the digest of each view, the SHA-256 over all versions of its rows up
    to that position.  Equal digests mean an equal past; `communique status --digests` has those of
    the live views.

    With --json, rows are `{"view", "table", "row"}` and digests `{"view", "position", "digest"}`.
    """
    asyncio.run(_replay(until, view, as_json=as_json))


async def _replay(until: int, view: "View | None", *, as_json: bool) -> None:
    from api.composition import opened_log
    from api.settings import load
    from projections.digests import VIEWS
    from projections.replay import replay as fold_anew

    async with opened_log(load(), make=False) as (_, log):
        with progress("Replaying") as bar:
            then = await fold_anew(log, until, progress=bar)
    with closing(then):
        for each in [view] if view else VIEWS:
            rows = then.rows(each) if view else iter(())
            _print_view(each.name, until, rows, then.digest(each), as_json=as_json)


def _print_view(view: str, position: int, rows: "Rows", digest: str, *, as_json: bool) -> None:
    from api.cli.tables import print_digest, print_rows

    if as_json:
        for table, row in rows:
            print_json({"view": view, "table": table, "row": row})
        print_json({"view": view, "position": position, "digest": digest})
    else:
        print_rows(rows)
        print_digest(view, position, digest)
