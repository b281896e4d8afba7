"""What does an operation cost?  The objects that its answer can have, known before it runs: lists count as often as they are long.

How long a page is follows from `first` and `last`, which variables may give.  So a cost is a form: what is known, and parts that count as
often as something is long.  A fragment has one form, wherever it is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from graphql import DirectiveNode, FieldNode, IntValueNode, ListValueNode, VariableNode

from projections.reading.pages import DEFAULT_SIZE, MAX_SIZE

Variables = Mapping[str, Any]

PUT_OFF: Final = 10
"""How much more it is to answer an object in parts, for each that is put off."""
ASSUMED: Final = 5
"""How long a list is that has no pages."""
MOST: Final = 2**53
"""What costs more than this costs this."""
MAX_DIGITS: Final = 12
"""Digits of a number beyond which no page is read."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a variable gives."""

    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """How long a page is; one that is asked to be longer than allowed is refused when it is read."""

    sizes: tuple[Given | int, ...]

    def length(self, variables: Variables) -> int:
        given = [variables.get(s.name) if isinstance(s, Given) else s for s in self.sizes]
        lengths = [min(max(each, 0), MAX_SIZE) for each in given if isinstance(each, int)]
        return max(lengths, default=DEFAULT_SIZE)


@dataclass(frozen=True, slots=True)
class Ids:
    """As long as the list of ids that a variable gives."""

    ids: Given

    def length(self, variables: Variables) -> int:
        found = variables.get(self.ids.name)
        return min(len(found), MAX_SIZE) if isinstance(found, list) else 1


Length = int | Page | Ids


class Form(NamedTuple):
    """A cost that depends on variables."""

    known: int
    parts: tuple[tuple[Length, "Cost"], ...]
    """What counts as often as something is long."""

    def of(self, variables: Variables, seen: dict[int, int]) -> int:
        """The cost with these variables; what is `seen` is not computed again."""
        total = self.known
        for length, part in self.parts:
            if isinstance(part, int):
                each = part
            elif id(part) in seen:
                each = seen[id(part)]
            else:
                each = seen[id(part)] = part.of(variables, seen)
            total += each * (length if isinstance(length, int) else length.length(variables))
        return min(total, MOST)


Cost = int | Form


class Sum:
    """A cost that is being added up."""

    __slots__ = ("_known", "_parts")

    def __init__(self) -> None:
        self._known = 0
        self._parts: list[tuple[Length, Cost]] = []

    def add(self, length: Length, cost: Cost, own: int = 0) -> None:
        """Add, as often as something is long, a cost and what each of its objects costs itself."""
        if type(length) is int and type(cost) is int:
            self._known += length * (own + cost)
        elif type(cost) is int:
            self._parts.append((length, own + cost))
        else:
            self._parts += ((length, own), (length, cost))

    def total(self) -> Cost:
        known = min(self._known, MOST)
        return Form(known, tuple(self._parts)) if self._parts else known


def put_off(directives: Sequence[DirectiveNode]) -> int:
    """What those directives cost wherever they stand that put something off."""
    return PUT_OFF * sum(each.name.value in {"defer", "stream"} for each in directives)


def page_of(node: FieldNode) -> Length:
    """How long the page is that a field asks for."""
    page = Page(tuple(_given(node, "first") + _given(node, "last")))
    return page if any(isinstance(size, Given) for size in page.sizes) else page.length({})


def ids_of(node: FieldNode) -> Length:
    """How long the list is that a field asks for by ids."""
    for argument in node.arguments or ():
        if isinstance(argument.value, ListValueNode):
            return min(len(argument.value.values), MAX_SIZE)
        if isinstance(argument.value, VariableNode):
            return Ids(Given(argument.value.name.value))
    return 1


def _given(node: FieldNode, name: str) -> list[Given | int]:
    for argument in node.arguments or ():
        value = argument.value
        if argument.name.value != name:
            continue
        if isinstance(value, VariableNode):
            return [Given(value.name.value)]
        if isinstance(value, IntValueNode) and len(value.value) < MAX_DIGITS:
            return [int(value.value)]
    return []
