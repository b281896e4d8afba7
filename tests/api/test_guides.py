"""Does what the guides show really happen?"""

import re
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from api.settings import PREFIX, Settings
from tests import postgres
from tests.guides import ROOT, run

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
OPERATE = ROOT / "docs" / "guides" / "operate.md"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
async def test_guide_shows_what_happens(guide: Path, tmp_path: Path) -> None:
    server: AbstractContextManager[dict[str, str]] = (
        postgres.for_commands() if guide == OPERATE else nullcontext({})
    )
    with server as more:
        await run(guide, tmp_path, **more)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_every_file_that_is_linked_exists(guide: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", guide.read_text("utf-8")):
        assert (guide.parent / target).exists(), target


def test_every_setting_is_told_with_its_default() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (?:`(.*?)`)? \| .+ \|$", OPERATE.read_text("utf-8"), re.MULTILINE
    )
    told = {name: default for name, default in rows if name.startswith(PREFIX)}
    assert (
        Settings.model_validate(
            {name.removeprefix(PREFIX).lower(): default for name, default in told.items()}
        )
        == Settings.model_construct()
    )
    assert told.keys() == {PREFIX + name.upper() for name in Settings.model_fields}
