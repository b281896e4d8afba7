"""Does the table of codes have them all, and is the page that people read the one that the code makes?"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import get_args

import pytest

import api
import events
import projections
import seeds
from api import requests
from api.codes import page, rows
from api.limits.bounds import CODES, Limits
from events.refusals import Refusal

ROOT = Path(__file__).parents[2]
KNOWN = {row.code for row in rows()}


def test_page_is_current():
    assert (ROOT / "docs" / "errors.md").read_text("utf-8") == page(), "run `make schema`"


def test_every_code_is_explained_once():
    assert len(rows()) == len(KNOWN)
    assert all(len(row.meaning) > 20 for row in rows())
    assert set(get_args(requests.Code)) == set(requests.MEANINGS)
    assert CODES.keys() == {name for name in Limits.model_fields if name.startswith("max_")}


def kinds(of: type[Refusal]) -> Iterator[type[Refusal]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("package", [api, events, projections, seeds], ids=lambda it: it.__name__)
def test_every_refusal_is_in_the_table(package):
    for module in walk_packages(package.__path__, prefix=f"{package.__name__}."):
        if not module.name.endswith(("__main__", "migrations.env")):  # run by Alembic only
            import_module(module.name)
    ours = [kind for kind in kinds(Refusal) if kind.__module__.startswith(package.__name__)]
    assert {kind.code for kind in ours} <= KNOWN
