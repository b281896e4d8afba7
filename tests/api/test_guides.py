"""Does what the guides show really happen?"""

from pathlib import Path

import pytest

from tests.guides import ROOT, run

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
async def test_guide_shows_what_happens(guide: Path, tmp_path: Path) -> None:
    await run(guide, tmp_path)
