"""What follows from the log?  `communique replay`."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.moments import Moment
from api.cli.output import as_json, print_json, progress
from api.cli.statuses import exits
from api.cli.views import LISTED, ViewName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from projections.digests import View

    Rows = Iterator[tuple[str, dict[str, Any]]]


@click.command(
    epilog=exits(
        "printed; with --verify: all live views say what the log says",
        "the log ends before the position; with --verify: a live view differs",
        "usage; no database; the log is damaged, and where; FILE cannot be written",
    )
)
@click.option(
    "--until",
    type=Moment(),
    metavar="N|INSTANT",
    help="Fold up to this position, or to the last one recorded up to this instant.",
)
@click.option("--view", type=ViewName(), help=f"Print its rows: {LISTED}.")
@click.option("--verify", is_flag=True, help="Compare the live views with the whole log.")
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --verify: write the certificate to a file instead of printing it.",
)
@as_json
def replay(
    *,
    until: int | str | None,
    view: "View | None",
    verify: bool,
    certificate: Path | None,
    as_json: bool,
) -> None:
    """Print past views, or verify the live ones.

    With --until, the log is folded from nothing up to there.  Nothing that is live is read or
    changed: the rows come from the log alone, in a temporary database.  An INSTANT is written with
    its offset from UTC, as 2020-12-30T12:00:00Z.  Without --view: the digest of each view, the
    SHA-256 over all versions of its rows up to that position.  Equal digests mean an equal past;
    `communique status --digests` has those of the live views.

    With --verify, the whole log is folded, and every record's hash, columns and place are checked
    on the way.  Then each live view is compared with the replayed one, row by row, at the position
    that it has reached; writers go on meanwhile.  What differs is named: view, table, key, and the
    columns with their live and their replayed contents, up to 20 rows of a table.  `communique
    rebuild` mends a view.

    In both cases --verify writes a replay certificate: a JSON document with the log's last position,
    when that was recorded, the root of the Merkle tree (RFC 6962) over all leaf hashes, the version
    of each projection, and the digest of each view that follows from the log.  Who has a copy of
    the log checks it with `communique certificate check`.  It goes to FILE, or else to standard
    output, and what is told to people goes to standard error then.

    With --json, rows are `{"view", "table", "row"}` and digests `{"view", "position", "digest"}`.
    With --verify they are `{"view", "position", "live", "replayed", "agrees", "problem",
    "left_out"}` for each view, behind it `{"view", "table", "what", "key", "from_position",
    "columns"}` for each row that "differs", is "missing" or "surplus", and last the certificate,
    unless it goes to FILE.
    """
    if verify:
        if until is not None or view is not None:
            raise click.UsageError("--verify is about the whole log: without --until and --view")
        from api.cli.verifying import verify as compare

        if not asyncio.run(compare(certificate, as_json=as_json)):
            click.get_current_context().exit(1)
        return
    if certificate is not None:
        raise click.UsageError("--certificate goes with --verify")
    if until is None:
        raise click.UsageError("say up to where with --until, or --verify what is live")
    asyncio.run(_replay(until, view, as_json=as_json))


async def _replay(until: int | str, view: "View | None", *, as_json: bool) -> None:
    from api.composition import opened_log
    from api.settings import load
    from projections.digests import VIEWS
    from projections.replay import replay as fold_anew

    async with opened_log(load(), make=False) as (_, log):
        position = until if isinstance(until, int) else await log.position_at(until)
        with progress("Replaying") as bar:
            then = await fold_anew(log, position, progress=bar)
    with closing(then):
        for each in [view] if view else VIEWS:
            rows = then.rows(each) if view else iter(())
            _print_view(each.name, position, rows, then.digest(each), as_json=as_json)


def _print_view(view: str, position: int, rows: "Rows", digest: str, *, as_json: bool) -> None:
    from api.cli.tables import print_digest, print_rows

    if as_json:
        for table, row in rows:
            print_json({"view": view, "table": table, "row": row})
        print_json({"view": view, "position": position, "digest": digest})
    else:
        print_rows(rows)
        print_digest(view, position, digest)
