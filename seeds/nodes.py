"""What does the YAML of a dossier say, and where in the file?

Scalars stay the text that they are: `no` is no boolean and 2020-12-30 no date.  A dossier means
what it shows, so aliases, tags, duplicate keys and further documents are problems, and its size
and depth are bounded.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from seeds.problems import START, Findings, Place, decoded

MAX_BYTES: Final = 8_000_000
MAX_DEPTH: Final = 12

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text."""

    place: Place
    text: str
    plain: bool = True
    """Whether it stands without quotation marks."""

    @property
    def absent(self) -> bool:
        """Whether it says that nothing is there: left empty, `~` or `null`."""
        return self.plain and self.text in ("", "~", "null")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    place: Place
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order of the file, without its duplicate keys."""

    place: Place
    entries: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    """Where each key stands."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that was already told to be a problem."""

    place: Place


Node = Scalar | Listing | Table | Unreadable


def read_nodes(source: bytes, findings: Findings) -> Table | None:
    """The mapping that a file consists of; none, and a problem, when it does not."""
    if len(source) > MAX_BYTES:
        what = f"the file has {len(source):,} bytes"
        findings.add(START, what, f"a dossier has at most {MAX_BYTES:,}")
        return None
    text = decoded(source, findings)
    if text is None:
        return None
    text = text.removeprefix("\ufeff")
    for found in _CONTROL.finditer(text):
        what = f"U+{ord(found[0]):04X} is a control character"
        findings.add(_place_of(text, found.start()), what, 'write it as an escape, as in "\\e"')
        return None
    return _composed(text, findings)


def _composed(text: str, findings: Findings) -> Table | None:
    composer = _Composer(findings)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark)
        what = f"this is no YAML: {', '.join(filter(None, (error.context, error.problem)))}"
        findings.add(place, what, _advice(text, place))
        return None
    except _TooDeep as deep:
        findings.add(
            deep.place, f"this is nested deeper than {MAX_DEPTH} levels", "a dossier is flat"
        )
        return None
    root = composer.root
    if isinstance(root, Table):
        return root
    findings.add(START, "the file is no mapping", "a dossier has article:, actors: and reports:")
    return None


class _TooDeep(Exception):
    def __init__(self, place: Place) -> None:
        self.place = place


class _Composer:
    """Builds nodes from parser events, without recursion: no nesting can exhaust the stack."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.root: Node | None = None
        self.open: list[Listing | Table] = []
        self.pending: list[Node | None] = []
        """For each open node the key that waits for its value, or none."""

    def take(self, event: yaml.Event) -> None:
        place = _place(event.start_mark)
        tag = getattr(event, "tag", None)
        if tag is not None:
            right = "leave it out, everything is read as its field requires"
            self.findings.add(place, f"{tag} is a tag", right)
        match event:
            case yaml.ScalarEvent() if _SURROGATE.search(event.value):
                self.findings.add(place, "half a surrogate pair is no character", "write both")
                self._add(Unreadable(place))
            case yaml.ScalarEvent():
                self._add(Scalar(place, event.value, event.implicit[0]))
            case yaml.SequenceStartEvent():
                self._enter(Listing(place))
            case yaml.MappingStartEvent():
                self._enter(Table(place))
            case yaml.CollectionEndEvent():
                self.open.pop()
                self.pending.pop()
            case yaml.AliasEvent():
                what = f"*{event.anchor} is an alias"
                self.findings.add(place, what, "write out what it stands for")
                self._add(Unreadable(place))
            case yaml.DocumentStartEvent() if self.root is not None:
                self.findings.add(place, "a second document begins", "one file is one dossier")

    def _enter(self, node: Listing | Table) -> None:
        if len(self.open) == MAX_DEPTH:
            raise _TooDeep(node.place)
        self._add(node)
        self.open.append(node)
        self.pending.append(None)

    def _add(self, node: Node) -> None:
        if not self.open:
            self.root = self.root or node
            return
        holder = self.open[-1]
        if isinstance(holder, Listing):
            holder.items.append(node)
        elif self.pending[-1] is None:
            self.pending[-1] = node
        else:
            self._put(holder, self.pending[-1], node)
            self.pending[-1] = None

    def _put(self, table: Table, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar):
            if not isinstance(key, Unreadable):
                self.findings.add(
                    key.place, "a key is no text", "keys are names of fields or slugs"
                )
        elif key.text in table.entries:
            first = table.keys[key.text].line
            what = f"{key.text!r} is here twice, first in line {first}"
            self.findings.add(key.place, what, "keep one of them")
        else:
            table.entries[key.text] = value
            table.keys[key.text] = key.place


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else START


def _place_of(text: str, offset: int) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _advice(text: str, place: Place) -> str:
    lines = text.splitlines()
    if place.line <= len(lines) and "\t" in lines[place.line - 1]:
        return "indent with spaces, not with tabs"
    return (
        'put text that holds ": " or begins with a sign into quotation marks, and align the lines'
    )
