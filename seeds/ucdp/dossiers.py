"""How does a month become a dossier?  Its text is the header and its rows, untouched, and each row that fits is a report."""

from collections.abc import Callable, Iterator
from typing import IO

from events.quotes import at_offset
from events.sources import ArticleIngested
from seeds.article import hashed
from seeds.dossier import Dossier, DossierActor
from seeds.problems import Findings, Place, Problem
from seeds.ucdp import EDITION, PUBLISHED, PUBLISHER, TITLE, URL
from seeds.ucdp.cast import Cast, actor
from seeds.ucdp.months import Month, Progress, months, survey
from seeds.ucdp.rows import BY, clash, read_row

Tell = Callable[[Problem], None]
"""Told of each problem, as soon as it is known."""


def dossiers(
    file: IO[bytes], name: str, tell: Tell, progress: Progress | None = None
) -> Iterator[Dossier]:
    """The months of a file of that name, one after the other; a row that does not fit is told, and left out.

    Raises DossierRefused for a file that is not one of the data set, before any month is given.
    """
    known, cast = survey(Findings(name), file), Cast()
    for month in months(Findings(name), file, known, progress):
        findings = Findings(name)
        dossier = dossier_of(month, cast, findings)
        for problem in findings.problems:
            tell(problem)
        if dossier.reports:
            yield dossier


def dossier_of(month: Month, cast: Cast, findings: Findings) -> Dossier:
    """What a month says; every problem of its rows is noted."""
    slug = f"{EDITION}-{month.name}"
    text = month.header + "".join(line.text for line in month.rows)
    article = ArticleIngested.model_validate(
        {
            "title": f"{TITLE}, events of {month.name}",
            "publisher": PUBLISHER,
            "url": URL,
            "published": PUBLISHED,
        }
        | hashed(text)
    )
    dossier = Dossier(findings.file, slug, article, actors := {}, reports := {}, BY, places := {})
    places["article"] = Place(month.rows[0].number, 1)
    start = len(month.header)
    for line in month.rows:
        place, words = Place(line.number, 1), line.text.rstrip("\r\n")
        row = read_row(findings, line.number, words)
        if row and row.ref in reports:
            what = f"the id {row.id} stands in line {places[f'report/{row.ref}'].line}, too"
            findings.add(place, what, "each row has an id of its own")
        elif row:
            quote = at_offset(text, start, start + len(words))
            sides = cast.slug(row.side_a), cast.slug(row.side_b)
            for side, called in zip(sides, (row.side_a, row.side_b), strict=True):
                if side not in actors:
                    actors[side] = DossierActor(actor(called, slug, quote), {})
                    places[f"actor/{side}"] = place
            reports[row.ref] = clash(row, sides, quote)
            places[f"report/{row.ref}"] = place
        start += len(line.text)
    return dossier
