"""How do classes become GraphQL types whose descriptions are their docstrings?"""

from enum import Enum
from inspect import getdoc
from typing import Any, TypeVar, dataclass_transform

import strawberry

T = TypeVar("T")


@dataclass_transform(kw_only_default=True)
def noun(cls: type[T]) -> type[T]:
    """An object type, described by the docstring of its class."""
    return strawberry.type(cls, description=getdoc(cls))


@dataclass_transform(kw_only_default=True)
def interface(cls: type[T]) -> type[T]:
    """An interface, described by the docstring of its class."""
    return strawberry.interface(cls, description=getdoc(cls))


@dataclass_transform(kw_only_default=True)
def given(cls: type[T]) -> type[T]:
    """An input type, described by the docstring of its class."""
    return strawberry.input(cls, description=getdoc(cls))


@dataclass_transform(kw_only_default=True)
def one_of(cls: type[T]) -> type[T]:
    """An input type of which exactly one field is given, described by the docstring of its class."""
    return strawberry.input(cls, description=getdoc(cls), one_of=True)


def choice(cls: type[T]) -> type[T]:
    """An enum whose members carry their meaning as docstring."""
    word: Any = strawberry.enum(cls, description=getdoc(cls))  # type: ignore[call-overload]
    meanings = {member.name: member.__doc__ for member in cls if isinstance(member, Enum)}  # type: ignore[attr-defined]
    for value in word.__strawberry_definition__.values:
        value.description = meanings[value.name]
    return cls


def said(description: str, **more: Any) -> Any:
    """A field with its description."""
    return strawberry.field(description=description, **more)
