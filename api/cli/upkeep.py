"""Is all as it should be?  `communique status`, `rebuild`, `migrate` and `schema`."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from api.cli.output import as_json, console, print_json, progress
from api.cli.statuses import exits
from api.cli.views import ViewName

if TYPE_CHECKING:
    from projections.digests import View

DATABASE: Final = "there is no database, it is damaged, or it cannot be written now"


@click.command(epilog=exits("printed", cannot_run=DATABASE))
@click.option("--digests", is_flag=True, help="Also the digest of each view, which takes a while.")
@as_json
def status(*, digests: bool, as_json: bool) -> None:
    """Print how far each projection has followed the log.

    A projection that lags is caught up by the next `ingest` or `serve`; one of an older version is
    rebuilt by it.  A digest is the SHA-256 over all versions of a view's rows up to its position;
    `communique replay --until POSITION` computes it from the log alone, and must give the same.
    """
    found = asyncio.run(_status(digests=digests))
    if as_json:
        print_json(found)
        return
    from rich.table import Table

    out = console()
    out.print(f"{found['database']}, at position {found['head']}", soft_wrap=True, markup=False)
    table = Table("projection", "version", "position", "lag", box=None)
    for each in found["projections"]:
        table.add_row(*(str(each[key]) for key in ("name", "version", "position", "lag")))
    out.print(table)
    for name, digest in found.get("digests", {}).items():
        out.print(f"{digest}  {name}")


async def _status(*, digests: bool) -> dict[str, Any]:
    from api.composition import opened_log
    from api.engines import store_of
    from api.settings import load
    from projections.digests import VIEWS

    settings = load()
    async with opened_log(settings, make=False) as (place, log):
        store = store_of(place)
        known = await store.inspect(lambda live: live.checkpoints())
        head = await log.head()
        found: dict[str, Any] = {
            "database": settings.place,
            "head": head,
            "projections": [
                {"name": name, "version": version, "position": position, "lag": head - position}
                for name, (version, position) in sorted(known.items())
            ],
        }
        if digests:
            found["digests"] = await store.inspect(
                lambda live: {
                    view.name: live.digest(view, known[view.projection][1])
                    for view in VIEWS
                    if view.projection in known
                }
            )
    return found


@click.command(
    epilog=exits("rebuilt", "rebuilt; a live view did not have what the log says", DATABASE)
)
@click.argument("views", type=ViewName(), nargs=-1)
def rebuild(views: Sequence["View"]) -> None:
    """Fold views anew from the whole log.

    They are built beside the live ones and then put in their place: readers never wait, and appends
    go on.  Without VIEWS, all of them: articles, actors, relations, statements, meetings,
    commissions, timeline, search.  What differed is named by `communique replay --verify`, before.
    """
    agreed = asyncio.run(_rebuild([view.name for view in views]))
    if not agreed:
        click.get_current_context().exit(1)


async def _rebuild(views: Sequence[str]) -> bool:
    from api.cli.tables import print_digest
    from api.composition import opened
    from api.settings import load

    async with opened(load(), follow=False, make=False) as system:
        with progress("Rebuilding") as bar:
            rebuilt = await system.views.rebuild(views, bar)
            await system.views.catch_up(bar)
    for each in rebuilt:
        note = "as before" if each.agrees else "the live rows differed"
        print_digest(each.view, each.position, each.digest, note)
    return all(each.agrees for each in rebuilt)


@click.command(epilog=exits("the tables are in their newest form", DATABASE))
def migrate() -> None:
    """Bring the tables of the log to their newest form, and make them if there are none.

    A start does the same, unless COMMUNIQUE_MIGRATE_AT_START is false: as where the role that
    serves may not change tables.
    """
    asyncio.run(_migrate())


async def _migrate() -> None:
    from api.composition import opened_log
    from api.settings import load
    from events.migrating import NEWEST

    settings = load(migrate_at_start=True)
    async with opened_log(settings, make=True):
        click.echo(f"{settings.place}: the log's tables are at revision {NEWEST}")


@click.command(epilog=exits("printed"))
def schema() -> None:
    """Print the schema of the GraphQL API, as SDL."""
    from api.schema import sdl

    click.echo(sdl().rstrip("\n"))
