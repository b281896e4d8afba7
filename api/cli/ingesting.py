"""How do articles get into the log?  `communique ingest`."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import as_json, print_json, progress

if TYPE_CHECKING:
    from events.refusals import Refusal
    from seeds.dossier import Dossier


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Only validate the dossiers; no database is touched.")
@click.option("--reason", help="Why reports were changed or retracted since the last time.")
@click.option("--published", metavar="DATE", help="Of a text: its day of publication, YYYY-MM-DD.")
@click.option("--slug", help="Of a text: its name in the log, by default made of the file's.")
@click.option("--title", help="Of a text: its headline, by default its first line.")
@as_json
def ingest(
    *, paths: Sequence[Path], check: bool, reason: str | None, as_json: bool, **text: str | None
) -> None:
    """Record articles in the log.

    Each PATH is a dossier (.yaml, with the article's text beside it), a folder of dossiers, or a
    mere text (.txt, together with --published), which is recorded alone, ready for reports.

    A dossier goes in as a whole or not at all.  All problems are printed at once, each as
    `file:line:column: what is wrong; what would be right`, and if any dossier has one, none is
    recorded.  The same dossier again changes nothing; a changed one corrects or retracts what it
    said before.

    With --json, the outcome of each file is an object on standard output, and so is each problem.
    """
    from api.cli.outcomes import print_outcome, print_refusal

    files = _files(paths)
    texts = [path for path in files if path.suffix == ".txt"]
    _refuse_misfits(texts, text, check=check)
    dossiers, refusals = _load(path for path in files if path not in texts)
    if not refusals:
        outcomes, refusals = [], []
    for refusal in refusals:
        print_refusal(refusal, as_json=as_json)
    if refusals:
        click.get_current_context().exit(1)
