"""What does the article report?  Reads the `reports` of a dossier, each as its kind says."""

import re
from dataclasses import replace
from typing import Any, Final, cast

from events.references import shapes
from events.values import SLUG, Attribution, Quote, Report, Voice
from events.vocabulary import REPORT_KINDS, AnyReport
from seeds.nodes import Node, Scalar, Table
from seeds.problems import choose
from seeds.reading import Known, Reading
from seeds.sheet import Sheet

QUOTED: Final = (Voice.DIRECT_QUOTE, Voice.PARAPHRASE)
"""The voices that speak another's words."""

_SOUND: Final = {
    **{name: info.get_default() for name, info in Report.model_fields.items()},
    "ref": "x",
    "evidence": [Quote(exact="x", start=0, end=1)],
}


def read_report(sheet: Sheet, known: Known, ref: str, node: Node) -> AnyReport | None:
    """The report, if it can be read; every problem is noted."""
    title = f"report {ref!r}"
    table = sheet.table(node, title, "kind, quotes and the fields of its kind")
    if table is None:
        return None
    model = _kind(sheet, title, table)
    own = [name for name in shapes(model or Report) if name not in ("ref", "evidence", "kind")]
    names = {"quotes": "evidence"} | {name: name for name in own}
    states = "speaker" in names or model is None
    also = ["kind", "voice"] if states else ["kind", "voice", "speaker"]
    if model is None:  # then nobody knows its fields, but those of every report can be checked
        also += table.entries.keys() - names.keys()
    reading = Reading(sheet.findings, replace(known, itself=ref), title, names, also)
    values = {"ref": ref, **sheet.defaults, **reading.table(table, model or Report)}
    _attribute(reading, table, values, states=states)
    if not re.fullmatch(SLUG, ref):
        reading.broken.add(("ref",))
    report = reading.valid(model or Report, values, _SOUND)
    return cast("AnyReport", report) if model else None


def _kind(sheet: Sheet, title: str, table: Table) -> type[Report] | None:
    node = table.entries.get("kind")
    if not isinstance(node, Scalar) or node.absent:
        sheet.findings.add(
            table.place, f"{title} has no kind", f"kind: one of {', '.join(REPORT_KINDS)}"
        )
        return None
    if node.text not in REPORT_KINDS:
        what = f"{node.text!r} is no kind of report"
        sheet.findings.add(node.place, what, choose(node.text, REPORT_KINDS))
    return REPORT_KINDS.get(node.text)


def _attribute(reading: Reading, table: Table, values: dict[str, Any], *, states: bool) -> None:
    """Let `voice` and `speaker` be the attribution; `states`: the kind has a `speaker` itself."""
    short: dict[str, Any] = {}
    for name in ("voice",) if states else ("voice", "speaker"):
        node = table.entries.get(name)
        if node is not None and not (isinstance(node, Scalar) and node.absent):
            reading.field(node, shapes(Attribution)[name], (name,), short)
            if "attribution" in values:
                what = f"{reading.title} has attribution and {name}"
                reading.problem(node.place, (name,), what, "keep one of them")
    voice = values.get("attribution", short).get("voice")
    if short.get("speaker") and voice not in QUOTED:
        what = f"{reading.title} has a speaker, but nobody is quoted"
        right = f"voice: {' or '.join(QUOTED)}, or no speaker"
        reading.problem(reading.places["speaker",], ("speaker",), what, right)
    if "direct" in reading.names:
        values.setdefault("direct", voice == Voice.DIRECT_QUOTE)
    if states and voice in QUOTED and "attribution" not in values:
        short["speaker"] = values.get("speaker")
    if short and not {("voice",), ("speaker",)} & reading.broken:
        values["attribution"] = short
