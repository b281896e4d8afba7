"""Do the image and the composition hold together?  All that can be said without running them."""

import json
import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from api.settings import PREFIX, Settings
from tests.docker import BUILD, COMPOSE, DOCKER, LAST, ROOT, STEPS, environment, values

SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "communique"]
APIS = [name for name in OURS if "command" not in SERVICES[name]]
NGINX = (DOCKER / "nginx.conf").read_text("utf-8")


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a file through: the last pattern that fits decides."""
    sent = True
    for pattern in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if pattern and not pattern.startswith("#"):
            bare = pattern.removeprefix("!").rstrip("/")
            parents = [path, *map(str, Path(path).parents)][: path.count("/") + 1]
            if any(fnmatch(f"/{each}", f"/{bare}".replace("/**/", "*/")) for each in parents):
                sent = pattern.startswith("!")
    return sent


def test_what_is_copied_is_there_and_sent() -> None:
    copied = [source for value in values("COPY", BUILD) for source in value.split()[:-1]]
    for source in copied:
        assert (ROOT / source).exists(), source
        assert is_sent(source.rstrip("/")), source
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    readme, (licence, *_) = project["project"]["readme"], project["project"]["license-files"]
    assert {*(f"{each}/" for each in packages), readme, licence} < set(copied)
    assert f"VERSION={project['project']['version']}" in values("ARG", LAST)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("api/schema.graphql", True),
        ("api/__pycache__/app.cpython-311.pyc", False),
        ("seeds/articles/x.yaml", True),
        ("var/communique.db", False),
        (".git/config", False),
        (".venv/bin/python", False),
        ("docker/compose.yaml", False),
    ],
)
def test_nothing_else_is_sent(path: str, sent: bool) -> None:  # noqa: FBT001 - a parameter
    assert is_sent(path) == sent


def test_every_stage_that_is_referred_to_comes_before() -> None:
    arguments = dict(value.split("=") for value in values("ARG", -1))
    stages: list[str] = []
    for step in STEPS:
        if step.does == "FROM":
            image, _, name = step.value.partition(" AS ")
            for argument in re.findall(r"\$\{(\w+)\}", image):
                assert arguments[argument]
            stages.append(name)
        elif named := re.match(r"--from=(\S+)", step.value):
            assert named[1] in stages[:-1]


def test_the_image_runs_as_somebody_who_was_made() -> None:
    (user,), runs = values("USER", LAST), " ".join(values("RUN", LAST))
    uid, gid = user.split(":")
    assert int(uid) > 0
    assert int(gid) > 0
    assert f"--uid {uid} --gid {gid}" in runs
    (data,) = values("VOLUME", LAST)
    assert f"--owner {uid} --group {gid} --mode 0750 {data}" in runs
    assert json.loads(*values("ENTRYPOINT")) + json.loads(*values("CMD")) == ["communique", "serve"]


def test_every_variable_is_a_setting() -> None:
    for variables in (environment(), *(SERVICES[name].get("environment", {}) for name in OURS)):
        given = {k.removeprefix(PREFIX).lower(): v for k, v in variables.items() if PREFIX in k}
        assert given.keys() <= Settings.model_fields.keys()
        Settings.model_validate(given)
    (port,) = values("EXPOSE")
    assert int(port) == Settings.model_fields["port"].default


def test_every_service_waits_for_what_will_come() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            awaited = SERVICES[other]
            if how["condition"] == "service_completed_successfully":
                assert "restart" not in awaited, (name, other)
            else:
                assert how["condition"] == "service_healthy"
                assert "healthcheck" in awaited or other in APIS, (name, other)
            assert set(service["networks"]) & set(awaited["networks"]), (name, other)
        assert set(service["networks"]) <= COMPOSE["networks"].keys()
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (DOCKER / source).is_file(), volume


def test_only_the_database_writes_to_its_own_file_system() -> None:
    for name, service in SERVICES.items():
        if name != "postgres":
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_two_serve_and_one_migrates_with_roles_that_exist() -> None:
    assert len(APIS) == 2
    made = re.findall(r"CREATE ROLE (\w+)", (DOCKER / "roles.sql").read_text("utf-8"))
    (database,) = re.findall(r"CREATE DATABASE (\w+)", (DOCKER / "roles.sql").read_text("utf-8"))
    for name in OURS:
        url = urlsplit(SERVICES[name]["environment"][f"{PREFIX}DATABASE_URL"])
        assert (url.hostname, url.path) == ("postgres", f"/{database}")
        assert url.username == made[name in APIS], name
    assert SERVICES["migrate"]["command"] == ["migrate"]
    build = SERVICES["migrate"]["build"]
    assert (DOCKER / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


def test_the_proxy_knows_who_serves() -> None:
    assert NGINX.count("{") == NGINX.count("}")
    upstreams = re.findall(r"^\s*server ([\w-]+):(\d+);", NGINX, re.MULTILINE)
    (port,) = values("EXPOSE")
    assert upstreams == [(name, port) for name in APIS]
    (name,) = re.findall(r"upstream (\w+)", NGINX)
    assert f"proxy_pass http://{name};" in NGINX
    (listens,) = re.findall(r"listen (\d+);", NGINX)
    assert SERVICES["proxy"]["ports"] == [f"127.0.0.1:{port}:{listens}"]
    timeouts = dict(re.findall(r"(\w+_timeout) (\d+)s;", NGINX))
    assert int(timeouts["proxy_read_timeout"]) > Settings.model_fields["keep_alive"].default
    assert int(timeouts["send_timeout"]) > Settings.model_fields["slow_timeout"].default


def test_every_command_of_the_build_is_one() -> None:
    for command in values("RUN"):
        subprocess.run(["sh", "-n", "-c", command], check=True)
