"""Does what the README shows really happen?"""

import json
import re
import shutil
import subprocess
from contextlib import chdir
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.composition import opened
from api.settings import Settings
from seeds import ARTICLES, dossier
from seeds.ingest import ingest
from tests.commands import invoke

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


async def test_first_query_has_the_answer_that_is_shown(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/communique.db")
    async with opened(settings, follow=False) as system:
        for path in ARTICLES.glob("*.yaml"):
            await ingest(system.log, dossier.load(path), "local")
        await system.views.catch_up()
        transport = httpx.ASGITransport(create_app(system))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.post("/graphql", json={"query": blocks("graphql")[0]})
    assert answer.json() == json.loads(blocks("json")[0])


def commands(tool: str) -> list[str]:
    return re.findall(rf"^{tool} (.*?)(?: +#.*)?$", "\n".join(blocks("sh")), re.MULTILINE)


@pytest.mark.parametrize("target", commands("make"))
def test_make_knows_the_target(target: str) -> None:
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_commands_run_one_after_the_other(tmp_path: Path) -> None:
    for kind in ("yaml", "txt"):
        (source,) = ARTICLES.glob(f"*.{kind}")
        shutil.copy(source, tmp_path / ("my-article.yaml" if kind == "yaml" else source.name))
    with chdir(tmp_path):
        for command in commands("communique"):
            done = invoke(Settings.model_construct().database_url, *command.split())
            assert done.exit_code == 0, f"{command}: {done.output}"


def test_every_folder_that_is_named_exists() -> None:
    for name in re.findall(r"^\| `(\w+(?:/\w+)*)/` \|", README, re.MULTILINE):
        assert (ROOT / name).is_dir(), name
    for target in re.findall(r"\]\(([^)h][^)]*)\)", README):
        assert (ROOT / target).exists(), target
