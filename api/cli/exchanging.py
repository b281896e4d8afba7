"""How does a log go from one installation to another?  `communique log export` and `import`."""

import asyncio
from pathlib import Path

import click

from api.cli.output import progress
from api.cli.statuses import exits


@click.command(
    epilog=exits("written", cannot_run="no database, or a damaged one; FILE cannot be written")
)
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
def export(*, file: Path) -> None:
    """Write the whole log to FILE; `-` is standard output.

    The log is written as it is now, while writers go on.  FILE appears when it is whole, in the
    place of one that had this name; if anything fails, nothing is changed under the name.

    The format is JSON lines.  The first one is the header, `{"format": "communique-log/1",
    "records", "root"}`: how many records follow, and the root of the Merkle tree (RFC 6962) over
    their leaf hashes.  Each other line is a record, in order of position, `{"leaf", "record"}`: its
    leaf hash in hexadecimal, and the exact bytes that are stored and hashed.
    """
    asyncio.run(_export(file))


async def _export(path: Path) -> None:
    from api.cli.files import written
    from api.composition import opened_log
    from api.settings import load
    from events.exchange import header_of, lines

    settings = load()
    async with opened_log(settings, make=False) as (_, log):
        with written(path, settings.database) as file:
            with progress("Hashing") as bar:
                header = await header_of(log, bar)
            with progress("Exporting") as bar:
                async for some in lines(log, header, bar):
                    file.write(some)
    if str(path) != "-":
        click.echo(f"{path}: {header.records} records, Merkle root {header.root}")


@click.command(
    "import",
    epilog=exits(
        "imported",
        "FILE is not a whole and unaltered log, or the database is not empty",
        "FILE cannot be read, or the database cannot be written",
    ),
)
@click.argument("file", type=click.Path(exists=True, allow_dash=True, path_type=Path))
def import_(*, file: Path) -> None:
    """Fill an empty database from an export.

    FILE is what `communique log export` wrote; `-` is standard input.  The database is made if
    there is none; one whose log has records is refused.  Every line is checked: its form, the leaf
    hash and the canonical form of the record, that position, version and time follow on those
    before, and that the event is one that this program knows; in the end, how many there are, and
    the Merkle root.  What is missing, reordered, altered or there twice is told with the number of
    its line and what would be right, and nothing of the file is kept.

    What is imported is what was exported: the same positions, hashes and keys, and so the same
    digests of all views, which are folded behind it.
    """
    asyncio.run(_import(file))


async def _import(path: Path) -> None:
    from api.cli.files import read
    from api.composition import opened
    from api.settings import load
    from events.exchange import import_lines
    from events.refusals import Malformed

    async with opened(load(), follow=False) as system:
        with read(path) as file, progress("Importing") as bar:
            try:
                header = await import_lines(system.log, file, bar)
            except Malformed as refusal:
                raise Malformed(f"{path}: {refusal.message}") from None
        with progress("Folding") as bar:
            await system.views.catch_up(bar)
    click.echo(f"{path}: {header.records} records, Merkle root {header.root}")
