"""What does a dossier say?  The format that people and tools write beside an untouched article.

    article:                                # further: publisher, url, language
      slug: libya-russia-moscow-2020-12-30  # its name in the log, for ever
      title: Foreign ministers meet in Moscow
      published: 2020-12-30
      text: libya-russia-moscow-2020-12-30.txt
    defaults: {by: editor, status: confirmed}
    actors:                                 # every actor that a report names, by slug
      siala:
        kind: person
        name: Mohammed Taher Siala          # further: certainty, by, note
        quotes: Mohammed Taher Sialas
        aliases: [{alias: Siala, kind: short, quotes: Siala called on Russia}]
    reports:                                # by ref, unique within the article
      call-on-russia:
        kind: StatementMade                 # and the fields of that kind
        quotes: [{exact: Siala, suffix: " called on"}]
        voice: direct_quote                 # or attribution: {voice, speaker}
        speaker: siala
        addressees: [russia]
        act: directive
        content: support agreements on the withdrawal of foreign fighters
        when: {edtf: "2020-12-30?", role: occurred, basis: inferred, reason: the meeting's day}

- Quotes are exact, to the character and the line end.  Where the words repeat, a prefix or suffix
  tells the places apart.  Offsets are computed.
- What holds several may be given one alone, and `participants` and `topics` as mere texts.
- Everything is read as its field requires: where a text is wanted, `no` and 2020-12-30 are texts.
  Nothing, `~` or `null` says that a field is absent.
- `text` is by default named as the dossier, with `.txt`.  `defaults` hold for all that does not
  say otherwise: `by` for actors, aliases and reports, `status` for reports.
- In a StatementMade the `speaker` is also the attribution's if the voice is direct_quote or
  paraphrase, and `direct`, if absent, says whether it is the former.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from events.sources import ArticleIngested
from events.vocabulary import AnyReport
from seeds.actors import DossierActor, read_actor
from seeds.article import read_article
from seeds.nodes import read_nodes
from seeds.problems import START, DossierRefused, Findings, Place, Problem
from seeds.reading import Known
from seeds.reports import read_report
from seeds.sheet import Sheet

__all__ = ["Dossier", "DossierActor", "load", "parse"]


@dataclass(frozen=True)
class Dossier:
    """An article with its actors and reports, every quote found in the text."""

    file: str
    slug: str
    article: ArticleIngested
    actors: Mapping[str, DossierActor] = field(default_factory=dict)
    """By slug."""
    reports: Mapping[str, AnyReport] = field(default_factory=dict)
    """By ref."""
    by: str | None = None
    """Who wrote it, unless a part says otherwise."""
    places: Mapping[str, Place] = field(default_factory=dict, compare=False)
    """Where each of its parts stands in the file."""

    @property
    def parts(self) -> list[str]:
        """Names of its parts: `article`, `actor/siala`, `alias/siala/Sialas`, `report/arms`."""
        actors = [f"actor/{slug}" for slug in self.actors]
        aliases = [
            f"alias/{slug}/{each}" for slug in self.actors for each in self.actors[slug].aliases
        ]
        return ["article", *actors, *aliases, *(f"report/{ref}" for ref in self.reports)]

    def problem(self, part: str, what: str, right: str) -> Problem:
        """A problem with a part of the dossier."""
        return Problem(self.file, *self.places.get(part, START), what, right)


def load(path: Path) -> Dossier:
    """The dossier in a file, with the text beside it.  Raises DossierRefused with all problems."""
    try:
        source = path.read_bytes()
    except OSError as error:
        what = f"the file cannot be read: {error.strerror}"
        raise DossierRefused(
            [Problem(str(path), *START, what, "name the file of a dossier")]
        ) from None
    return parse(source, lambda name: path.with_name(name).read_bytes(), str(path))


def parse(source: bytes, read: Callable[[str], bytes], file: str = "dossier.yaml") -> Dossier:
    """The dossier that YAML says.  Raises DossierRefused with all problems.

    `read` gives the article's text by the name of its file, or raises OSError.
    """
    findings = Findings(file)
    root = read_nodes(source, findings)
    dossier = _dossier(Sheet(findings, root), read) if root else None
    if dossier is None or findings.problems:
        raise DossierRefused(findings.problems)
    return dossier


def _dossier(sheet: Sheet, read: Callable[[str], bytes]) -> Dossier | None:
    slug, article, text = read_article(sheet, read)
    actors, reports = sheet.entries("actors", "actor"), sheet.entries("reports", "report")
    known = Known(slug or "unnamed", text, actors, reports)
    read_actors = {slug: read_actor(sheet, known, slug, node) for slug, node in actors.items()}
    read_reports = {ref: read_report(sheet, known, ref, node) for ref, node in reports.items()}
    if slug is None or article is None:
        return None
    return Dossier(
        sheet.findings.file,
        slug,
        article,
        {slug: actor for slug, actor in read_actors.items() if actor},
        {ref: report for ref, report in read_reports.items() if report},
        sheet.defaults.get("by"),
        sheet.places,
    )
