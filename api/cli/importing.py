"""How do data sets get into the log?  `communique import`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.output import as_json, print_json, progress
from api.cli.statuses import exits

if TYPE_CHECKING:
    from seeds.problems import Problem
    from seeds.ucdp.importing import Imported


@click.group("import")
def import_data() -> None:
    """Record a data set in the log, row by row.

    What `communique log export` wrote is brought in by `communique log import`.
    """


class Told:
    """Prints the problems as they come, and counts them."""

    def __init__(self, *, as_json: bool) -> None:
        self.problems = 0
        self._as_json = as_json

    def __call__(self, problem: "Problem") -> None:
        """Print one more."""
        self.problems += 1
        if self._as_json:
            print_json(asdict(problem))
        else:
            click.echo(str(problem), err=True)


@import_data.command(
    epilog=exits(
        "every row is recorded, or sound",
        "rows were left out, or FILE was refused as a whole",
        "usage, settings, FILE cannot be read, or the database does not do",
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only look at the rows; no database is touched.")
@as_json
def ucdp(*, file: Path, check: bool, as_json: bool) -> None:
    """Record the UCDP Georeferenced Event Dataset 21.1.

    FILE is CSV in gzip, with the columns id, year, month, day, country, type_of_violence,
    conflict_name, side_a, side_b, latitude, longitude, low_death, best_death and high_death.

    The rows of a month are the text of one article, untouched, and each is the evidence of the
    ClashReported that it becomes: its sides, kind of violence, day, country, coordinates, and deaths
    (low, best, high).  Each side is an actor, registered once, as `ucdp-government-of-libya`.

    A month goes in as a whole or not at all, so whatever cuts the import off, the same command goes
    on where it stopped; the same file again appends nothing.  A row that does not fit is told as
    `file:line:column: what is wrong; what would be right`, and the rest goes in.  A text in the log
    never changes: a month whose rows were changed since is told, and left as it is.  So --check
    first.  A file that is damaged is refused before anything is recorded.

    The data are by the Uppsala Conflict Data Program (CC BY 4.0); cite Sundberg & Melander 2013,
    "Introducing the UCDP Georeferenced Event Dataset", and Pettersson et al. 2021, "Organized
    violence 1989-2020, with a special emphasis on Syria", both in Journal of Peace Research.

    With --json, the outcome is an object on standard output, and so is each problem.
    """
    told = Told(as_json=as_json)
    with _refusals(as_json=as_json):
        if check:
            _check(file, told, as_json=as_json)
        else:
            asyncio.run(_import(file, told, as_json=as_json))
    if told.problems:
        click.get_current_context().exit(1)


@contextmanager
def _refusals(*, as_json: bool) -> Iterator[None]:
    from api.cli.outcomes import print_refusal
    from seeds.problems import DossierRefused

    try:
        yield
    except DossierRefused as refusal:
        print_refusal(refusal, as_json=as_json)
        click.get_current_context().exit(1)


def _check(path: Path, told: Told, *, as_json: bool) -> None:
    from api.cli.files import read
    from seeds.ucdp.dossiers import dossiers

    months = events = 0
    actors = set[str]()
    with read(path) as file, progress("Checking") as bar:
        for dossier in dossiers(file, str(path), told, bar):
            months, events = months + 1, events + len(dossier.reports)
            actors.update(dossier.actors)
    counts = {"months": months, "actors": len(actors), "events": events}
    if as_json:
        print_json({"file": str(path), **counts, "problems": told.problems})
    else:
        shown = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        click.echo(f"{path}: {'not all sound' if told.problems else 'sound'}, {shown}")


async def _import(path: Path, told: Told, *, as_json: bool) -> None:
    from api.cli.files import read
    from api.composition import opened
    from api.settings import load
    from seeds.ucdp.importing import import_ged

    settings = load()
    async with opened(settings, follow=False) as system:
        with read(path) as file, progress("Importing") as bar:
            imported = await import_ged(system.log, file, str(path), settings.recorder, told, bar)
        _print(path, imported, told, as_json=as_json)
        with progress("Folding") as bar:
            await system.views.catch_up(bar)


def _print(path: Path, imported: "Imported", told: Told, *, as_json: bool) -> None:
    counts = {**asdict(imported), "problems": told.problems}
    if as_json:
        print_json({"file": str(path), **counts})
        return
    positions = counts.pop("positions")
    new = f"positions {positions[0]} to {positions[1]}" if positions else "nothing new"
    click.echo(f"{path}: {new}")
    for name, count in counts.items():
        if count:
            click.echo(f"  {count:>9,} {name}")
