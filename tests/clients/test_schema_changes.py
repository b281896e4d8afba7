"""Does the schema still fit front ends that were built with the one of the last release?

`schema.released.graphql.gz` is that one.  A release writes it anew, by

    gzip -nc9 api/schema.graphql >tests/clients/schema.released.graphql.gz

and until then, nothing of it may be taken away.
"""

import gzip
from pathlib import Path

from tests.clients.conftest import Run
from tests.guides import ROOT

PRESENT = ROOT / "api" / "schema.graphql"


PACKED = Path(__file__).with_name("schema.released.graphql.gz")


async def test_no_front_end_breaks(node: Run, tmp_path: Path):
    """What would break one is named, and what is added is not: shown by a schema of which both are true."""
    text = gzip.decompress(PACKED.read_bytes()).decode()
    released, broken = tmp_path / "released.graphql", tmp_path / "broken.graphql"
    released.write_text(text, "utf-8")
    broken.write_text(
        text.replace("  head: Position!", "  end: Position!")
        .replace("input RetractInput {", "input RetractInput {\n  approvedBy: String!")
        .replace("  actor(", "  actor(exactly: Boolean, ")
        + "type Added { field: Int }",
        "utf-8",
    )
    changes = await node("changes.mjs", released, PRESENT, broken)
    present, shown = [[what for level, what in each if level == "BREAKING"] for each in changes]
    assert present == []
    assert shown == [
        "Input field 'approvedBy' of type 'String!' was added to input object type 'RetractInput'",
        "Field 'head' was removed from object type 'Status'",
    ]
