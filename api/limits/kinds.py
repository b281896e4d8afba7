"""Which fields have a cost?  Those that lead to objects: to one, to a list of them, or to a page of a list."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
)

from api.limits.cost import ASSUMED, Length, ids_of, page_of

PAGE: Final = "Connection"
"""How the names of those types end whose lists are the elements of a page."""


@dataclass(slots=True)
class Kind:
    """An object, an interface or a union, as far as costs are concerned."""

    name: str = ""
    fields: dict[str, "Leading"] = field(default_factory=dict)
    """Those that lead to objects."""
    is_page: bool = False
    """Whether its lists are the elements of a page."""


@dataclass(frozen=True, slots=True)
class Leading:
    """A field that leads to objects: to one, if nothing else is said."""

    to: Kind
    number: int = 1
    """To how many, if that is always the same."""
    length: Callable[[FieldNode], Length] | None = None
    """To how many, if its arguments say; of a page, how many elements it has."""
    is_element: bool = False
    """Whether it stands in a page, and there are as many as the page is long."""


UNKNOWN: Final = Kind()
"""What a document only thinks that there is."""
NOWHERE: Final = Leading(UNKNOWN)
"""A field that there is not."""


def kinds_of(schema: GraphQLSchema) -> dict[str, Kind]:
    """The composite types of a schema by their names."""
    kinds = {
        name: Kind(name, is_page=name.endswith(PAGE))
        for name, type_ in schema.type_map.items()
        if is_composite_type(type_)
    }
    for name, kind in kinds.items():
        type_ = schema.type_map[name]
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for key, definition in type_.fields.items():
                to = kinds.get(get_named_type(definition.type).name)
                if to is not None:
                    kind.fields[key] = _leading(kind, to, definition)
    if schema.query_type is not None:
        fields = kinds[schema.query_type.name].fields
        fields["__schema"] = Leading(kinds["__Schema"])
        fields["__type"] = Leading(kinds["__Type"])
    return kinds


def _leading(kind: Kind, to: Kind, definition: GraphQLField) -> Leading:
    type_: Any = get_nullable_type(definition.type)
    if isinstance(type_, GraphQLList):
        if kind.is_page:
            return Leading(to, is_element=True)
        return Leading(to, length=ids_of) if "ids" in definition.args else Leading(to, ASSUMED)
    return Leading(to, length=page_of if to.is_page else None)
