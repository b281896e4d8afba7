"""What does the log say?  `communique log`."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

import click

from api.cli.output import as_json, print_line
from api.cli.statuses import exits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log import EventLog
    from events.record import Recorded

PAGE: Final = 500
"""Records that are read and printed together."""


@click.group(
    invoke_without_command=True,
    epilog=exits("printed", cannot_run="there is no database, or it is damaged"),
)
@click.option("--after", type=click.IntRange(0), default=0, help="Begin behind this position.")
@click.option("--limit", type=click.IntRange(0), help="End after so many events.")
@click.option("--follow", is_flag=True, help="Go on with new events, until Ctrl-C.")
@as_json
@click.pass_context
def log(ctx: click.Context, *, after: int, limit: int | None, follow: bool, as_json: bool) -> None:
    """Print the log, or hand it on as a file.

    What happened, in order of position.  With --json these are the exact records that are stored and hashed, byte for byte: canonical
    JSON (RFC 8785) with position, id, stream, version, kind, schema_version, recorded_at, recorder,
    key, causation, correlation and payload.  The SHA-256 of a zero byte and a line without its end
    is the leaf hash of RFC 6962.  Evidence is in the payload: the `exact` words, with `start` and
    `end` in code points over the article's text.
    """
    if ctx.invoked_subcommand is not None:
        if after or limit is not None or follow or as_json:
            raise click.UsageError("the options before it belong to `communique log` alone")
        return
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
