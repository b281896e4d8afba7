"""How do tests get a file of the Georeferenced Event Dataset?  From the excerpt of the audit guide, in gzip."""

import gzip
from pathlib import Path
from typing import Final

from tests.guides import ROOT

EXCERPT: Final = ROOT / "docs" / "guides" / "audit" / "ucdp-libya-2020.txt"
HEADER, *ROWS = EXCERPT.read_text("utf-8").splitlines()
"""38 rows: 28 of May 2020, nine of June and one of July; the deaths of one contradict each other."""
CONTRADICTION: Final = 33
"""The line of that one."""


def csv(*rows: str, header: str = HEADER) -> bytes:
    """The text of a file with these rows."""
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def packed(path: Path, *rows: str) -> Path:
    """A file with these rows, or with those of the excerpt."""
    path.write_bytes(gzip.compress(csv(*(rows or ROWS))))
    return path


def row(
    id: int,
    day: str = "2020,5,5",
    side_a: str = "Government of Libya",
    side_b: str = "IS",
    type_of_violence: str = "State-based violence",
) -> str:
    """A row that fits."""
    return f"{id},{day},Libya,{type_of_violence},Libya: X,{side_a},{side_b},32.9,13.18,1,2,3"
