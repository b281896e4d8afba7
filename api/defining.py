"""How do fields become a GraphQL type for which nobody has written a class?

Strawberry's decorators make a dataclass of every type.  Of these there is never an instance: what is shown are rows, and what is given is a
dictionary.  To generate the methods of them all would take a tenth of a server's start.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directives import OneOf
from strawberry.types.arguments import InputContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

Convert = Callable[[type, Mapping[str, Any], InputContext], dict[str, Any]]


def field(name: str, type_: Any, description: str | None) -> StrawberryField:
    """A field, which several types may have."""
    return StrawberryField(
        python_name=name, type_annotation=StrawberryAnnotation(type_), description=description
    )


def object_of(
    name: str, description: str | None, fields: Iterable[StrawberryField], base: Any = None
) -> Any:
    """An object type, which has the fields of the interface `base` too."""
    above = [base.__strawberry_definition__] if base else []
    inherited = [each for interface in above for each in interface.fields]
    interfaces = [*above, *(each for interface in above for each in interface.interfaces)]
    return _defined(name, description, [*inherited, *fields], interfaces=interfaces)


def input_of(
    name: str, description: str | None, fields: Iterable[StrawberryField], *, one_of: bool = False
) -> Any:
    """An input type, of which what is given is a dictionary by the names of the fields; exactly one of them if it is `one_of`."""
    directives = [OneOf()] if one_of else []
    return _defined(name, description, [*fields], directives=directives, from_input=_said)


def _said(type_: Any, given: Mapping[str, Any], context: InputContext) -> dict[str, Any]:
    said = {}
    for each in type_.__strawberry_definition__.fields:
        name = context.config.name_converter.from_field(each)
        if name in given:
            said[each.python_name] = context.convert(given[name], each.type, name)
    return said


def _defined(
    name: str,
    description: str | None,
    fields: list[StrawberryField],
    *,
    interfaces: Sequence[StrawberryObjectDefinition] = (),
    directives: Sequence[object] = (),
    from_input: Convert | None = None,
) -> Any:
    cls: Any = type(name, (), {"__module__": __name__})
    cls.__strawberry_definition__ = StrawberryObjectDefinition(
        name=name,
        description=description,
        fields=fields,
        interfaces=[*interfaces],
        directives=directives,
        origin=cls,
        is_input=from_input is not None,
        from_input=from_input,
        is_interface=False,
        extend=False,
        is_type_of=None,
        resolve_type=None,
    )
    return cls
