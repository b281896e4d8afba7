"""Are the figures of reading that the documents show those that were measured, and are answers compared by what they say?"""

from pathlib import Path

import orjson
import pytest

from benchmarks.read import results
from benchmarks.read.operations import facts
from benchmarks.read.plot import svg

FOLDER = Path(results.__file__).parent
KEPT = orjson.loads((FOLDER / "results.json").read_bytes())


def test_tables_and_plot_are_those_of_the_figures() -> None:
    assert (FOLDER / "results.md").read_text("utf-8") == results.document(KEPT)
    assert (FOLDER / "results.svg").read_text("utf-8") == svg(KEPT["servers"])


def test_forms_and_cursors_do_not_matter() -> None:
    product = b"""{"data": {"timeline": {"edges": [{"cursor": "a", "node": {"when": {"edtf": "2020"},
      "statements": {"nodes": [{"id": "1"}, {"id": "2"}]}}}], "pageInfo": {"endCursor": "a"}}}}"""
    peer = b"""{"data": {"timeline": {"edges": [{"cursor": "b", "node": {"when": "2020", "speaker": null,
      "participants": [], "statements": [{"id": "2"}, {"id": "1"}]}}], "pageInfo": {"endCursor": "b"}}}}"""
    assert facts(product) == facts(peer)


@pytest.mark.parametrize(
    "other", [b'{"data": {"a": 2}}', b'{"data": {"a": [1, 2]}}', b'{"data": {}}']
)
def test_what_is_said_matters(other: bytes) -> None:
    assert facts(b'{"data": {"a": 1}}') != facts(other)
