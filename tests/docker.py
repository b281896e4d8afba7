"""What do the files under `docker/` say?  The instructions of the image, and the services of the composition."""

import json
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

ROOT: Final = Path(__file__).parents[1]
DOCKER: Final = ROOT / "docker"
COMPOSE: Final[Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))


class Step(NamedTuple):
    """An instruction of the Dockerfile."""

    stage: int
    does: str
    value: str


def _steps() -> list[Step]:
    text = re.sub(r"^\s*#.*\n", "", (DOCKER / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    found, stage = [], -1
    for line in filter(None, map(str.strip, text.replace("\\\n", " ").splitlines())):
        does, _, value = line.partition(" ")
        stage += does == "FROM"
        found.append(Step(stage, does, value.strip()))
    return found


STEPS: Final = _steps()
BUILD, LAST = 0, STEPS[-1].stage


def values(does: str, stage: int | None = None) -> list[str]:
    """What instructions of one sort are about, in one stage or in all."""
    return [each.value for each in STEPS if each.does == does and stage in {None, each.stage}]


def environment() -> dict[str, str]:
    """What the image sets."""
    return dict(each.split("=", 1) for value in values("ENV", LAST) for each in value.split())


def health_check() -> list[str]:
    """Its command."""
    (value,) = values("HEALTHCHECK")
    command: list[str] = json.loads(value.partition("CMD ")[2])
    return command
