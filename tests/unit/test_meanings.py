"""Is the meaning of a field the docstring below it, as pydantic would find it?"""

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field

from api.settings import Settings
from events.meanings import meaning_of
from events.vocabulary import KINDS


class Told(BaseModel):
    """What is told."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    short: str
    """In one line."""
    long: Annotated[str, Field(min_length=1)] = "x"
    """In more than one line,

    which are indented.
    """
    silent: int = 0
    other: int = 0
    """Another one."""

    @property
    def none(self) -> str:
        """A property is no field."""
        return self.short


class ToldAgain(Told):
    """What is told with more, and otherwise."""

    more: str
    """What is added."""
    short: str
    """In other words."""
    other: int


@pytest.mark.parametrize("model", [Told, ToldAgain])
def test_a_meaning_is_what_pydantic_would_find(model: type[BaseModel]):
    found = {name: field.description for name, field in model.model_fields.items()}
    assert {name: meaning_of(model, name) for name in model.model_fields} == found


@pytest.mark.parametrize("model", [*KINDS.values(), Settings])
def test_every_field_has_a_meaning(model: type[BaseModel]):
    assert all(meaning_of(model, name) for name in model.model_fields.keys() - {"kind"})
