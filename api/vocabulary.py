"""How does the vocabulary become GraphQL?  Object and input types are made from the classes of the events themselves.

A kind that is added to the vocabulary is in the API without another line: its fields, their descriptions, and its input.
"""

from collections.abc import Callable
from enum import Enum
from functools import cache
from inspect import getdoc
from typing import Annotated, Any, Final, NamedTuple, Optional

import strawberry
from strawberry.types.field import StrawberryField

from api.defining import field, input_of, object_of
from api.nouns import choice
from api.scalars import EDTF, BigInt
from events.meanings import meaning_of
from events.references import Shape, shapes
from events.values import Report, Value


def by_name(name: str, module: str = "api.nodes") -> Any:
    """A type that is written by hand, among the nodes if no other module is named."""
    return Annotated[name, strawberry.lazy(module)]


BY_HAND: Final = {"When": "When", "Quote": "Evidence"}
"""Values of the vocabulary that the API shows with more than they have."""


@cache
def word(cls: type[Enum]) -> Any:
    """The enum of a set of words."""
    return choice(cls)


class Field(NamedTuple):
    """A field of a model; what all kinds of report have is the same in all of them."""

    name: str
    shape: Shape
    meaning: str | None


@cache
def object_type(model: type[Value], base: Any = None) -> Any:
    """The object type of a value, or of a kind of report, which then has the fields of the interface `base` too."""
    inherited = Report.model_fields if base else {}
    fields = [_shown(each) for each in _fields(model) if each.name not in inherited]
    return object_of(model.__name__, getdoc(model), fields, base)


@cache
def input_type(model: type[Value]) -> Any:
    """The input type of a value, or of a kind of report."""
    needed = {name for name, each in model.model_fields.items() if each.is_required()} - {"ref"}
    fields = [_given(each, required=each.name in needed) for each in _fields(model)]
    return input_of(f"{model.__name__}Input", getdoc(model), fields)


@cache
def changes_type(model: type[Value]) -> Any:
    """The input type of changes to a kind of report: every field but its name, none of them needed."""
    fields = [_given(each, required=False) for each in _fields(model) if each.name != "ref"]
    return input_of(f"{model.__name__}Changes", getdoc(model), fields)


def as_value(given: Any) -> Any:
    """What an input says, as values under the names of the vocabulary; what was left out is left out."""
    if isinstance(given, list):
        return [as_value(each) for each in given]
    if isinstance(given, dict):
        return {name: as_value(value) for name, value in given.items()}
    if hasattr(given, "__strawberry_definition__") and not isinstance(given, Enum):
        fields = ((name, getattr(given, name)) for name in type(given).__annotations__)
        return {name: as_value(value) for name, value in fields if value is not strawberry.UNSET}
    return given


def _fields(model: type[Value]) -> list[Field]:
    """The fields of a model, but for the kind of a report, which its type says."""
    said = {"kind"} if issubclass(model, Report) else set()
    return [
        Field(name, shape, meaning_of(model, name))
        for name, shape in shapes(model).items()
        if name not in said
    ]


@cache
def _shown(of: Field) -> StrawberryField:
    return field(of.name, _annotation(of.shape, _output), of.meaning)


@cache
def _given(of: Field, *, required: bool) -> StrawberryField:
    return field(of.name, _annotation(of.shape, _input, required=required), of.meaning)


def _annotation(shape: Shape, of: Callable[[Shape], Any], *, required: bool = True) -> Any:
    annotation: Any = list[of(shape)] if shape.many else of(shape)  # type: ignore[misc]
    return Optional[annotation] if shape.optional or not required else annotation


def _output(shape: Shape) -> Any:
    if shape.refers_to is not None:
        return by_name(shape.refers_to)
    if issubclass(shape.type, Value):
        hand = BY_HAND.get(shape.type.__name__)
        return by_name(hand) if hand else object_type(shape.type)
    return _scalar(shape)


def _input(shape: Shape) -> Any:
    if shape.refers_to is None and issubclass(shape.type, Value):
        return (
            Annotated["QuoteInput", strawberry.lazy("api.inputs")]  # noqa: F821 - found when it is needed
            if shape.type.__name__ == "Quote"
            else input_type(shape.type)
        )
    return _scalar(shape)


def _scalar(shape: Shape) -> Any:
    if issubclass(shape.type, Enum):
        return word(shape.type)
    if shape.format == "edtf":
        return EDTF
    return BigInt if shape.large else shape.type
