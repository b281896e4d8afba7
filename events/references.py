"""Which actors does an event speak of, and in which of its fields?

Read off the vocabulary itself: every field that holds an actor's slug is annotated as a reference, at any depth.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

from annotated_types import Le
from pydantic import WithJsonSchema
from pydantic.fields import FieldInfo

from events.values import LARGEST, Reference, Value

Model = TypeVar("Model", bound=Value)


class Mention(NamedTuple):
    """One place in an event where an actor is named."""

    field: str
    """The field, dotted where nested: `speaker`, `participants`, `attribution.speaker`."""
    ordinal: int
    """Place within the field, from 0."""
    actor: str
    """The slug."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field holds, with optional and repeated taken apart."""

    type: type
    """The class of the value, or of each value."""
    many: bool
    """Whether there are several."""
    optional: bool
    """Whether it can be absent."""
    refers_to: str | None
    """What the string is the slug of, if it is one."""
    format: str | None = None
    """The format of the string, if it has one: `edtf`."""
    large: bool = False
    """Whether the number can be as large as any that JSON keeps exactly."""


@cache
def shapes(model: type[Value]) -> dict[str, Shape]:
    """The fields of a model of the vocabulary, by name."""
    return {
        name: _shape(field.annotation, field.metadata) for name, field in model.model_fields.items()
    }


def mentions(event: Value) -> list[Mention]:
    """Every actor that an event names, field by field in the order of the vocabulary."""
    return [
        Mention(field, ordinal, actor)
        for field, slugs in _walker(type(event))
        for ordinal, actor in enumerate(slugs(event))
    ]


def actors(event: Value) -> list[str]:
    """The slug of every actor that an event names, as often as it does."""
    return [actor for _, slugs in _walker(type(event)) for actor in slugs(event)]


@cache
def _walker(model: type[Value]) -> list[tuple[str, Callable[[Any], Sequence[str]]]]:
    found: list[tuple[str, Callable[[Any], Sequence[str]]]] = []
    for name, shape in shapes(model).items():
        if shape.refers_to == "Actor":
            found.append((name, _reader(name, many=shape.many)))
        elif issubclass(shape.type, Value):
            found += [
                (f"{name}.{inner}", _nested(name, read, many=shape.many))
                for inner, read in _walker(shape.type)
            ]
    return found


def _reader(name: str, *, many: bool) -> Callable[[Any], Sequence[str]]:
    if many:
        return attrgetter(name)

    def read(holder: Any) -> Sequence[str]:
        value = getattr(holder, name)
        return () if value is None else (value,)

    return read


def _nested(
    name: str, inner: Callable[[Any], Sequence[str]], *, many: bool
) -> Callable[[Any], Sequence[str]]:
    def read(holder: Any) -> Sequence[str]:
        value = getattr(holder, name)
        return () if value is None else inner(value)

    def read_many(holder: Any) -> Sequence[str]:
        return [slug for each in getattr(holder, name) for slug in inner(each)]

    return read_many if many else read


def _shape(
    annotation: Any, metadata: list[Any], *, many: bool = False, optional: bool = False
) -> Shape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        (inner,) = (a for a in arguments if a is not NoneType)
        return _shape(inner, metadata, many=many, optional=True)
    if origin is Literal:
        return Shape(type(arguments[0]), many, optional, None)
    if origin is tuple:
        return _shape(arguments[0], metadata, many=True, optional=optional)
    if hasattr(annotation, "__metadata__"):
        return _shape(
            annotation.__origin__,
            [*annotation.__metadata__, *metadata],
            many=many,
            optional=optional,
        )
    return Shape(
        origin or annotation,
        many,
        optional,
        next((m.to for m in metadata if isinstance(m, Reference)), None),
        next((_format(m) for m in metadata if isinstance(m, WithJsonSchema)), None),
        any(isinstance(m, Le) and m.le == LARGEST for m in _constraints(metadata)),
    )


def _format(schema: WithJsonSchema) -> str | None:
    return schema.json_schema.get("format") if schema.json_schema else None


def _constraints(metadata: list[Any]) -> Iterator[Any]:
    for each in metadata:
        yield from each.metadata if isinstance(each, FieldInfo) else (each,)


def renamed(event: Model, slugs: Mapping[str, str]) -> Model:
    """The event with actors replaced by others, wherever it names them.

    >>> from events.values import Attribution
    >>> renamed(Attribution(speaker="lavrow"), {"lavrow": "lavrov"}).speaker
    'lavrov'
    """
    return type(event).model_validate(_renamed(event, slugs))


def _renamed(event: Value, slugs: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, shape in shapes(type(event)).items():
        value = getattr(event, name)
        if shape.refers_to == "Actor" and value is not None:
            value = (
                tuple(slugs.get(each, each) for each in value)
                if shape.many
                else slugs.get(value, value)
            )
        elif issubclass(shape.type, Value) and value is not None:
            value = (
                tuple(_renamed(each, slugs) for each in value)
                if shape.many
                else _renamed(value, slugs)
            )
        fields[name] = value
    return fields
