"""What does a reader ask for?  Fields with arguments and sub-fields; whatever language it was written in."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Param:
    """A value that is bound when the statement runs: the n-th of the values that come with it."""

    slot: int


Argument = None | bool | str | Param | Mapping[str, "Argument"]
"""Null, a truth value or a name of an order change the statement; all else is bound."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field that is asked for."""

    key: str
    """Under which name the answer has it."""
    name: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    selections: "Selections" = field(default_factory=dict)


Selections = Mapping[str, tuple[Field, ...]]
"""The sub-fields by the type that the object may turn out to have."""
