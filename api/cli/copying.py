"""How does a log go from one engine to another?  `communique copy`."""

import asyncio
from typing import TYPE_CHECKING

import click

from api.cli.output import progress
from api.cli.statuses import exits

if TYPE_CHECKING:
    from api.settings import Settings
    from events.log import EventLog


class DatabaseUrl(click.ParamType["Settings"]):
    """A URL as COMMUNIQUE_DATABASE_URL takes it; no complaint repeats it, since it may hold a password."""

    name = "url"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Settings":
        from api.settings import load, naming_a_database

        try:
            return load(database_url=naming_a_database(value), replica_url="")
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command(
    epilog=exits(
        "both logs are the same up to the position that is printed, and so are their views",
        "the target holds something else, or somebody writes to it; or its views differ",
        "usage; a database cannot be read or written, or is damaged",
    )
)
@click.argument("source", type=DatabaseUrl(), metavar="SOURCE_URL")
@click.argument("target", type=DatabaseUrl(), metavar="TARGET_URL")
def copy(*, source: "Settings", target: "Settings") -> None:
    """Copy a log to another database, of the same or of another engine.

    Both are URLs as in COMMUNIQUE_DATABASE_URL.  The target is made if it is a SQLite file that is
    not there; it must be empty, or begin as the source does.  Otherwise the first position that
    differs is told, and nothing is written.

    Whatever cuts it off, the same command goes on where it stopped: the log is copied in batches,
    each all or nothing.  Those who write at the source may go on: what it had when the command
    began is copied, and the same command brings the rest.  Nobody should write to the target.

    In the end every record of both logs is compared, byte for byte, and the views that are folded
    at the target with what the log of the source gives when it is folded anew.  Printed are the
    position, the root of the Merkle tree (RFC 6962) of both logs, and the digest of each view.

    The other settings, such as COMMUNIQUE_POOLED, are those of both.
    """
    if not asyncio.run(_copy(source, target)):
        click.get_current_context().exit(1)


async def _copy(source: "Settings", target: "Settings") -> bool:
    from api.composition import opened_log
    from events.copying import compare, fill
    from events.refusals import LogUnavailable

    if source.database and not source.database.exists():
        raise LogUnavailable(f"there is no database {source.place}")
    async with opened_log(source, make=False) as (_, log):
        async with opened_log(target, make=True) as (_, copied):
            begun, until = await copied.head(), await log.head()
            with progress("Comparing") as bar:
                await compare(log, copied, begun, bar)
            with progress("Copying") as bar:
                await fill(log, copied, begun, until, bar)
            with progress("Verifying") as bar:
                root = await compare(log, copied, until, bar)
        click.echo(f"{target.place}: {until} records of {source.place}, Merkle root {root}")
        return await _views_agree(log, target, until)


async def _views_agree(log: "EventLog", target: "Settings", until: int) -> bool:
    """Fold the views of the target, and print what they say; gives whether it is what a log says up to a position."""
    from contextlib import closing

    from api.cli.tables import print_digest
    from api.composition import opened
    from api.engines import store_of
    from projections.digests import VIEWS
    from projections.replay import replay

    async with opened(target, follow=False) as system:
        with progress("Folding") as bar:
            await system.views.catch_up(bar)
        found = await store_of(system.file).inspect(
            lambda live: {view.name: live.digest(view, until) for view in VIEWS}
        )
    with progress("Replaying") as bar:
        replayed = await replay(log, until, progress=bar)
    with closing(replayed):
        wanted = {view.name: replayed.digest(view) for view in VIEWS}
    for name, digest in found.items():
        note = "" if digest == wanted[name] else f"the source gives {wanted[name]}"
        print_digest(name, until, digest, note)
    return found == wanted
