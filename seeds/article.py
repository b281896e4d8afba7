"""Which article is it?  Reads the `article` of a dossier and the text beside it."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from events.sources import ArticleIngested
from seeds.nodes import Scalar, Table
from seeds.problems import Findings, decoded
from seeds.reading import Known, Reading
from seeds.sheet import Sheet

NAMES = ("title", "publisher", "url", "language", "published")


def read_article(
    sheet: Sheet, read: Callable[[str], bytes]
) -> tuple[str | None, ArticleIngested | None, str | None]:
    """Slug, article and text, each as far as it can be read; every problem is noted."""
    table = sheet.section("article", ", ".join(("slug", *NAMES, "text")), required=True)
    if table is None:
        return None, None, None
    slug, text = _slug(sheet, table), _text(sheet, table, read)
    names = {name: name for name in NAMES}
    reading = Reading(sheet.findings, Known(), "the article", names, ("slug", "text"))
    values = reading.table(table, ArticleIngested) | hashed(text or "?")
    return slug, reading.valid(ArticleIngested, values), text


def hashed(text: str) -> dict[str, str]:
    """The fields of an ingestion that follow from the text."""
    return {"text": text, "sha256": sha256(text.encode()).hexdigest()}


def _slug(sheet: Sheet, table: Table) -> str | None:
    node = table.entries.get("slug")
    if not isinstance(node, Scalar) or node.absent:
        place = node.place if node else sheet.places["article"]
        sheet.findings.add(
            place, "the article has no slug", "slug: is its name in the log, for ever"
        )
        return None
    return node.text if sheet.check_slug(node.text, node.place) else None


def _text(sheet: Sheet, table: Table, read: Callable[[str], bytes]) -> str | None:
    node = table.entries.get("text")
    file = Path(sheet.findings.file)
    name, place = f"{file.stem}.txt", sheet.places["article"]
    if node is not None and not (isinstance(node, Scalar) and node.absent):
        name, place = node.text if isinstance(node, Scalar) else "", node.place
    if not name or name != Path(name).name or "\0" in name:
        sheet.findings.add(place, f"text is {name!r}", "it names a file beside the dossier")
        return None
    try:
        source = read(name)
    except OSError as error:
        what = f"the text {name!r} cannot be read: {error.strerror}"
        sheet.findings.add(
            place, what, "text: names the file of the article's text beside the dossier"
        )
        return None
    inside = Findings(str(file.with_name(name)))
    text = decoded(source, inside)
    sheet.findings.problems += inside.problems
    if text == "":
        sheet.findings.add(place, f"the text {name!r} is empty", "put the article's text into it")
    return text or None
