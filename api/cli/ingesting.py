"""How do articles get into the log?  `communique ingest`."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.output import as_json, progress
from api.cli.statuses import exits

if TYPE_CHECKING:
    from events.refusals import Refusal
    from seeds.dossier import Dossier
    from seeds.summary import Summary

    Job = tuple[str, Callable[..., Awaitable[Summary]]]
    """A file, and how to ingest it, given the log and the recorder."""


@click.command(
    epilog=exits(
        "recorded, or sound", "a file was refused", "usage, settings, or the database does not do"
    )
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Only validate the dossiers; no database is touched.")
@click.option("--reason", help="Why reports were changed or retracted since the last time.")
@click.option("--published", metavar="DATE", help="Of a text: its day of publication, YYYY-MM-DD.")
@click.option("--slug", help="Of a text: its name in the log, by default made of the file's.")
@click.option("--title", help="Of a text: its headline, by default its first line.")
@as_json
def ingest(
    *,
    paths: Sequence[Path],
    check: bool,
    reason: str | None,
    published: str | None,
    slug: str | None,
    title: str | None,
    as_json: bool,
) -> None:
    """Record articles in the log, from dossiers or mere texts.

    Each PATH is a dossier (.yaml, with the article's text beside it), a folder of dossiers, or a
    mere text (.txt, together with --published), which is recorded alone, ready for reports.

    A dossier goes in as a whole or not at all.  All problems are printed at once, each as
    `file:line:column: what is wrong; what would be right`, and if any dossier has one, none is
    recorded.  The same dossier again changes nothing; a changed one corrects or retracts what it
    said before.

    With --json, the outcome of each file is an object on standard output, and so is each problem.
    """
    from api.cli.outcomes import print_refusal, print_sound
    from seeds.ingest import ingest as ingest_dossier
    from seeds.ingest import ingest_text

    files, texts = _files(paths)
    if texts and (check or not published):
        wanted = "--check is for dossiers" if check else "a mere text needs --published"
        raise click.UsageError(f"{texts[0]} is no dossier: {wanted}")
    if (published and not texts) or ((slug or title) and len(texts) != 1):
        raise click.UsageError("--published, --slug and --title belong to a mere text")

    dossiers, refusals = _load(files)
    if check:
        for dossier in dossiers:
            print_sound(dossier, as_json=as_json)
    elif not refusals:
        jobs: list[Job] = [
            (each.file, partial(ingest_dossier, dossier=each, reason=reason)) for each in dossiers
        ]
        as_given = partial(ingest_text, published=published or "", slug=slug, title=title)
        jobs += [(str(path), partial(as_given, path=path)) for path in texts]
        refusals = asyncio.run(_ingest(jobs, as_json=as_json))
    for refusal in refusals:
        print_refusal(refusal, as_json=as_json)
    if refusals:
        click.get_current_context().exit(1)


def _files(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Dossiers and mere texts."""
    dossiers: list[Path] = []
    texts: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = sorted(each for each in path.iterdir() if each.suffix in {".yaml", ".yml"})
            if not found:
                raise click.UsageError(f"{path} has no dossier: there is no .yaml file in it")
            dossiers += found
        elif path.suffix in {".yaml", ".yml"}:
            dossiers.append(path)
        elif path.suffix == ".txt":
            texts.append(path)
        else:
            raise click.UsageError(f"{path} is neither a dossier (.yaml) nor a text (.txt)")
    return dossiers, texts


def _load(files: Iterable[Path]) -> "tuple[list[Dossier], list[Refusal]]":
    from seeds.dossier import load
    from seeds.problems import DossierRefused

    dossiers: list[Dossier] = []
    refusals: list[Refusal] = []
    for file in files:
        try:
            dossiers.append(load(file))
        except DossierRefused as refusal:
            refusals.append(refusal)
    return dossiers, refusals


async def _ingest(jobs: "Iterable[Job]", *, as_json: bool) -> "list[Refusal]":
    """Ingest one after the other, and let the views follow; gives what the log refused."""
    from api.cli.outcomes import print_summary
    from api.composition import opened
    from api.settings import load
    from events.refusals import AlreadyExists, Malformed
    from seeds.problems import DossierRefused

    settings = load()
    refusals: list[Refusal] = []
    async with opened(settings, follow=False) as system:
        for file, ingest in jobs:
            try:
                summary = await ingest(system.log, recorder=settings.recorder)
            except (AlreadyExists, DossierRefused, Malformed) as refusal:
                refusals.append(refusal)
            else:
                print_summary(file, summary, as_json=as_json)
        with progress("Folding") as bar:
            await system.views.catch_up(bar)
    return refusals
