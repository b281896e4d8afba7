"""Do the examples in the docstrings hold?"""

import doctest
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest

import api
import events
import projections
import seeds


def examples() -> Iterator[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    for package in (api, events, projections, seeds):
        yield from finder.find(package)
        for module in walk_packages(package.__path__, prefix=f"{package.__name__}."):
            if not module.name.endswith(("__main__", "migrations.env")):  # run by Alembic only
                yield from finder.find(import_module(module.name))


@pytest.mark.parametrize(
    "example",
    [pytest.param(example, id=example.name) for example in examples() if example.examples],
)
def test_example_holds(example: doctest.DocTest) -> None:
    assert doctest.DocTestRunner().run(example).failed == 0
