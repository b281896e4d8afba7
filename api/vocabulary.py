"""How does the vocabulary become GraphQL?  Object and input types are made from the classes of the events themselves.

A kind that is added to the vocabulary is in the API without another line: its fields, their descriptions, and its input.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from inspect import getdoc
from typing import Annotated, Any, Final, NamedTuple, Optional

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import InputContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

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
    """A field of a model; those that all kinds of report have are the same."""

    name: str
    shape: Shape
    meaning: str | None


@cache
def object_type(model: type[Value], base: Any = None) -> Any:
    """The object type of a value, or of a kind of report, which then has the fields of the interface `base` too."""
    inherited = Report.model_fields if base else {}
    fields = [_shown(field) for field in _fields(model) if field.name not in inherited]
    return _defined(model.__name__, model, fields, base=base)


@cache
def input_type(model: type[Value]) -> Any:
    """The input type of a value, or of a kind of report."""
    needed = {name for name, field in model.model_fields.items() if field.is_required()} - {"ref"}
    fields = [_given(field, required=field.name in needed) for field in _fields(model)]
    return _defined(f"{model.__name__}Input", model, fields, from_input=_said)


@cache
def changes_type(model: type[Value]) -> Any:
    """The input type of changes to a kind of report: every field but its name, none of them needed."""
    fields = [_given(field, required=False) for field in _fields(model) if field.name != "ref"]
    return _defined(f"{model.__name__}Changes", model, fields, from_input=_said)


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
def _shown(field: Field) -> StrawberryField:
    return _field(field, _annotation(field.shape, _output))


@cache
def _given(field: Field, *, required: bool) -> StrawberryField:
    return _field(field, _annotation(field.shape, _input, required=required))


def _field(field: Field, annotation: Any) -> StrawberryField:
    return StrawberryField(
        python_name=field.name,
        type_annotation=StrawberryAnnotation(annotation),
        description=field.meaning,
    )


def _defined(
    name: str,
    model: type[Value],
    fields: Iterable[StrawberryField],
    *,
    base: Any = None,
    from_input: Callable[..., dict[str, Any]] | None = None,
) -> Any:
    """A type, whose class stands for it and is nothing else: what is shown are rows, and what is given is a dictionary.

    Strawberry's decorators would make a dataclass; to generate the methods of all of them took a tenth of the start.
    """
    above: Any = [base.__strawberry_definition__] if base else []
    cls: Any = type(name, (), {"__module__": __name__})
    cls.__strawberry_definition__ = StrawberryObjectDefinition(
        name=name,
        description=getdoc(model),
        fields=[*(field for each in above for field in each.fields), *fields],
        interfaces=[*above, *(higher for each in above for higher in each.interfaces)],
        origin=cls,
        is_input=from_input is not None,
        from_input=from_input,
        is_interface=False,
        extend=False,
        directives=None,
        is_type_of=None,
        resolve_type=None,
    )
    return cls


def _said(type_: Any, said: Mapping[str, Any], context: InputContext) -> dict[str, Any]:
    """What an input says, under the names of the vocabulary."""
    names = {
        context.config.name_converter.from_field(field): field
        for field in type_.__strawberry_definition__.fields
    }
    return {
        names[name].python_name: context.convert(value, names[name].type, name)
        for name, value in said.items()
    }


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
