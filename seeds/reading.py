"""How does a mapping of a dossier become a value of the vocabulary?

Read off the vocabulary itself, so that a new kind of event needs nothing here.  A field that holds
several may be given one alone; a value with a single required field may be given as that field's
text.  Every problem is noted with its place, and reading goes on.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from events.quotes import locate
from events.references import Shape, shapes
from events.refusals import QuoteNotFound
from events.values import Quote, Value
from seeds import telling
from seeds.nodes import Listing, Node, Scalar, Table, Unreadable
from seeds.problems import Findings, Place, choose

Model = TypeVar("Model", bound=Value)
Path = tuple[str | int, ...]
"""Names of fields and places in lists that lead to a value."""

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_BROKEN: Final = object()


@dataclass(frozen=True)
class Known:
    """What a dossier may refer to."""

    article: str = "unnamed"
    """Slug of the article."""
    text: str | None = None
    """Its text; none when it cannot be read, and then no quote is looked up."""
    actors: Collection[str] = ()
    """Slugs of its actors."""
    reports: Collection[str] = ()
    """Refs of its reports."""
    itself: str | None = None
    """Ref of the report that is read, which has no link to itself."""


@dataclass
class Reading:
    """One value of the vocabulary, being read."""

    findings: Findings
    known: Known
    title: str
    """What it is called in messages: `report 'arms-to-haftar'`."""
    names: Mapping[str, str]
    """The fields by their names in a dossier, in its order."""
    also: Collection[str] = ()
    """Names that a dossier may have beside them, and that the caller reads."""
    places: dict[Path, Place] = field(default_factory=dict)
    broken: set[Path] = field(default_factory=set)
    """What was already told to be a problem."""

    def table(self, table: Table, model: type[Value], path: Path = ()) -> dict[str, Any]:
        """The fields that a mapping gives, in the form that the model validates."""
        self.places.setdefault(path, table.place)
        names = {name: name for name in shapes(model)} if path else self.names
        also = () if path else self.also
        values: dict[str, Any] = {}
        for key, node in table.entries.items():
            name = names.get(key)
            if key in also:
                continue
            if name is None:
                name = self._dotted((*path, key))
                words = telling.of_field(name, key, self.title, (*names, *also))
                self.findings.add(table.keys[key], *words)
            elif not (isinstance(node, Scalar) and node.absent):
                self.field(node, shapes(model)[name], (*path, name), values)
        return values

    def field(self, node: Node, shape: Shape, path: Path, values: dict[str, Any]) -> None:
        """Put what a node says into the values, under the last name of the path."""
        self.places[path] = node.place
        if not shape.many:
            value = self._one(node, shape, path)
            if value is not _BROKEN:
                values[str(path[-1])] = value
            return
        several: list[object] = []
        for item in node.items if isinstance(node, Listing) else [node]:
            at = (*path, len(several))
            self.places[at] = item.place
            value = self._one(item, shape, at)
            if value is _BROKEN:  # the next item takes its place in the list, but not its blame
                self.broken.discard(at)
                self.broken.add((*path, "broken"))
            else:
                several.append(value)
        values[str(path[-1])] = several

    def valid(
        self,
        model: type[Model],
        values: Mapping[str, Any],
        stand_ins: Mapping[str, Any] | None = None,
    ) -> Model | None:
        """The value, if it is one and nothing about it is broken; every further problem is noted.

        `stand_ins` are sound values for fields that no rule between fields concerns, so that what
        the others contradict is told even where one of these is broken.
        """
        try:
            value = model.model_validate(values)
        except ValidationError as error:
            errors = error.errors()
            told = self.broken | {each["loc"] for each in errors}
            for each in errors:
                if not _contains(told, each["loc"]) and each["loc"] not in self.broken:
                    self._tell(model, each)
            if stand_ins and all(path[:1] and path[0] in stand_ins for path in told):
                for each in _contradictions(model, {**values, **stand_ins}):
                    self._tell(model, each)
            return None
        return None if self.broken else value

    def problem(self, place: Place, path: Path, what: str, right: str) -> None:
        """Note that what a path leads to is broken."""
        self.broken.add(path)
        self.findings.add(place, what, right)

    def _one(self, node: Node, shape: Shape, path: Path) -> object:
        if isinstance(node, Unreadable):
            self.broken.add(path)
            return _BROKEN
        if issubclass(shape.type, Quote):
            return self._quote(node, path)
        if issubclass(shape.type, Value):
            return self._nested(node, shape.type, path)
        if not isinstance(node, Scalar) or node.absent:
            self.problem(node.place, path, f"{self._dotted(path)} is no text", "give one text")
            return _BROKEN
        return self._scalar(node, shape, path)

    def _scalar(self, node: Scalar, shape: Shape, path: Path) -> object:
        text, name = node.text, self._dotted(path)
        if issubclass(shape.type, bool):
            if text in ("true", "false"):
                return text == "true"
            self.problem(node.place, path, f"{name} is {text!r}", "it is true or false")
            return _BROKEN
        if issubclass(shape.type, int):
            if _WHOLE.fullmatch(text):
                return int(text)
            self.problem(node.place, path, f"{name} is {text!r}", "it is a whole number in digits")
            return _BROKEN
        if issubclass(shape.type, StrEnum):
            members = [str(member) for member in shape.type]
            if text not in members:
                right = f"it is one of {', '.join(members)}"
                self.problem(node.place, path, f"{name} is {text!r}", right)
        elif shape.refers_to == "Actor" and text not in self.known.actors:
            what = f"{name} is {text!r}, which is no actor of the dossier"
            self.problem(node.place, path, what, choose(text, self.known.actors))
        elif shape.refers_to == "Report" and (
            text not in self.known.reports or text == self.known.itself
        ):
            what = f"{name} is {text!r}, which is no other report of the dossier"
            others = [ref for ref in self.known.reports if ref != self.known.itself]
            self.problem(node.place, path, what, choose(text, others))
        return text

    def _nested(self, node: Node, model: type[Value], path: Path) -> object:
        only = _only_required(model)
        if isinstance(node, Table):
            return self.table(node, model, path)
        if isinstance(node, Scalar) and not node.absent and only is not None:
            values: dict[str, Any] = {}
            self.field(node, shapes(model)[only], (*path, only), values)
            return values
        right = f"it has {', '.join(shapes(model))}"
        self.problem(node.place, path, f"{self._dotted(path)} is no mapping", right)
        return _BROKEN

    def _quote(self, node: Node, path: Path) -> object:
        parts = {"exact": node} if isinstance(node, Scalar) else getattr(node, "entries", {})
        words: dict[str, str] = {}
        for key, part in parts.items():
            if key not in ("exact", "prefix", "suffix"):
                what = f"{key!r} is no part of a quote"
                self.problem(
                    part.place, path, what, "it has exact, prefix, suffix; offsets are computed"
                )
            elif isinstance(part, Scalar):
                words[key] = "" if part.absent else part.text
            else:
                self.problem(part.place, path, f"{key} of a quote is no text", "give one text")
        if not words.get("exact"):
            if path not in self.broken:
                right = "give the text, or exact with prefix or suffix"
                self.problem(node.place, path, "a quote has no words", right)
            return _BROKEN
        if self.known.text is None:
            return Quote(exact=words["exact"], start=0, end=0)
        try:
            return locate(self.known.text, **words)
        except QuoteNotFound as refusal:
            self.problem(node.place, path, *telling.of_quote(self.known.text, refusal, **words))
            return Quote(exact=words["exact"], start=0, end=0)

    def _tell(self, model: type[Value], error: ErrorDetails) -> None:
        path = error["loc"]
        nearest = (path[:n] for n in range(len(path), -1, -1) if path[:n] in self.places)
        place = self.places[next(nearest)]
        name = self._dotted(path)
        self.findings.add(place, *telling.of_validation(error, model, name, self.title))

    def _dotted(self, path: Path) -> str:
        if not path:
            return self.title
        first = next((shown for shown, name in self.names.items() if name == path[0]), path[0])
        return ".".join(map(str, (first, *path[1:])))


def _contradictions(model: type[Value], values: Mapping[str, Any]) -> list[ErrorDetails]:
    try:
        model.model_validate(values)
    except ValidationError as error:
        return [each for each in error.errors() if not each["loc"]]
    return []


@cache
def _only_required(model: type[Value]) -> str | None:
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    return required[0] if len(required) == 1 else None


def _contains(told: Collection[Path], path: Path) -> bool:
    """Whether something within what the path leads to was told."""
    return any(len(each) > len(path) and each[: len(path)] == path for each in told)
