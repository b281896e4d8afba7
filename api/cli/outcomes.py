"""What became of a file that was to be ingested?"""

from dataclasses import asdict
from typing import Final

import click

from api.cli.output import print_json
from events.refusals import Refusal
from seeds.dossier import Dossier
from seeds.problems import DossierRefused
from seeds.summary import Summary

NAMED: Final = 5
"""How many parts of each sort a summary names."""


def print_summary(file: str, summary: Summary, *, as_json: bool) -> None:
    """What was appended."""
    if as_json:
        print_json({"file": file, **asdict(summary)})
        return
    if summary.positions is None:
        click.echo(f"{summary.slug}: nothing new, {summary.unchanged} parts as before")
        return
    first, last = summary.positions
    click.echo(f"{summary.slug}: positions {first} to {last}")
    for verb in ("registered", "recorded", "corrected", "retracted"):
        if parts := getattr(summary, verb):
            more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
            click.echo(f"  {len(parts):>5} {verb:<10}  {', '.join(parts[:NAMED])}{more}")
    click.echo(f"  {summary.unchanged:>5} unchanged")


def print_sound(dossier: Dossier, *, as_json: bool) -> None:
    """A dossier is without problems."""
    counts = {"actors": len(dossier.actors), "reports": len(dossier.reports)}
    if as_json:
        print_json({"file": dossier.file, "slug": dossier.slug, **counts})
    else:
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        click.echo(f"{dossier.file}: sound, {told}")


def print_refusal(refusal: Refusal, *, as_json: bool) -> None:
    """Why nothing of it was recorded: of a dossier, all its problems, each on a line."""
    if not as_json:
        click.echo(refusal.message, err=True)
    elif isinstance(refusal, DossierRefused):
        for problem in refusal.problems:
            print_json(asdict(problem))
    else:
        print_json({"code": refusal.code, "message": refusal.message})
