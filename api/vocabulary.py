"""How does the vocabulary become GraphQL?  Object and input types are made from the classes of the events themselves.

A kind that is added to the vocabulary is in the API without another line: its fields, their descriptions, and its input.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from inspect import getdoc
from typing import Annotated, Any, Final, Optional

import strawberry

from api.nouns import choice
from api.scalars import EDTF, BigInt
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


@cache
def object_type(model: type[Value], base: type | None = None) -> Any:
    """The object type of a value, or of a kind of report, which then has the fields of `base` too."""
    inherited = Report.model_fields if base else {}
    annotations = {
        name: _annotation(shape, _output) for name, shape in _fields(model) if name not in inherited
    }
    fields = {name: strawberry.field(description=_description(model, name)) for name in annotations}
    cls = _class(model.__name__, (base,) if base else (), annotations, fields)
    return strawberry.type(cls, description=getdoc(model))


@cache
def input_type(model: type[Value]) -> Any:
    """The input type of a value, or of a kind of report."""
    return _given(
        model,
        f"{model.__name__}Input",
        lambda name: name != "ref" and model.model_fields[name].is_required(),
    )


@cache
def changes_type(model: type[Value]) -> Any:
    """The input type of changes to a kind of report: every field but its name, none of them needed."""
    return _given(model, f"{model.__name__}Changes", lambda _: False, without=("ref",))


def as_value(given: Any) -> Any:
    """What an input says, as values under the names of the vocabulary; what was left out is left out."""
    if isinstance(given, list):
        return [as_value(each) for each in given]
    if hasattr(given, "__strawberry_definition__") and not isinstance(given, Enum):
        fields = ((name, getattr(given, name)) for name in type(given).__annotations__)
        return {name: as_value(value) for name, value in fields if value is not strawberry.UNSET}
    return given


def _given(
    model: type[Value], title: str, is_needed: Callable[[str], bool], without: tuple[str, ...] = ()
) -> Any:
    annotations, fields = {}, {}
    for name, shape in _fields(model):
        if name in without:
            continue
        needed = is_needed(name)
        annotations[name] = _annotation(shape, _input, required=needed)
        default = {} if needed else {"default": strawberry.UNSET}
        fields[name] = strawberry.field(description=_description(model, name), **default)
    return strawberry.input(_class(title, (), annotations, fields), description=getdoc(model))


def _fields(model: type[Value]) -> list[tuple[str, Shape]]:
    """The fields of a model, but for the kind of a report, which its type says."""
    said = {"kind"} if issubclass(model, Report) else set()
    return [(name, shape) for name, shape in shapes(model).items() if name not in said]


def _class(
    name: str, bases: tuple[type, ...], annotations: Mapping[str, Any], fields: Mapping[str, Any]
) -> type:
    return type(
        name, bases, {"__annotations__": dict(annotations), "__module__": __name__, **fields}
    )


def _description(model: type[Value], name: str) -> str | None:
    return model.model_fields[name].description


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
