"""Does the schema still fit front ends that were built with the one of the last release?

`schema.released.graphql.gz` is that one.  A release writes it anew, by

    gzip -nc9 api/schema.graphql >tests/clients/schema.released.graphql.gz

and until then, nothing of it may be taken away.
"""

import gzip
from pathlib import Path

import pytest

from tests.clients.conftest import Run
from tests.guides import ROOT

PRESENT = ROOT / "api" / "schema.graphql"


@pytest.fixture
def released(tmp_path: Path) -> Path:
    path = tmp_path / "released.graphql"
    packed = Path(__file__).with_name("schema.released.graphql.gz")
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    return path


async def breaking(node: Run, released: Path, present: Path) -> list[str]:
    """What would break a front end."""
    changes = await node("changes.mjs", released, present)
    return [message for level, message in changes if level == "BREAKING"]


async def test_no_front_end_breaks(node: Run, released: Path):
    assert await breaking(node, released, PRESENT) == []


async def test_what_breaks_is_named_and_what_is_added_is_not(node: Run, released: Path):
    changed = released.with_name("changed.graphql")
    changed.write_text(
        released.read_text("utf-8")
        .replace("  head: Position!", "  end: Position!")
        .replace("input RetractInput {", "input RetractInput {\n  approvedBy: String!")
        .replace("  actor(", "  actor(exactly: Boolean, ")
        + "type Added { field: Int }",
        "utf-8",
    )
    assert await breaking(node, released, changed) == [
        "Input field 'approvedBy' of type 'String!' was added to input object type 'RetractInput'",
        "Field 'head' was removed from object type 'Status'",
    ]
