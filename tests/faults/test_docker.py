"""Do the commands of the image do what they should, outside of it: those that build it, and its health check?

Those that make its user need root, and are not run.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from api.settings import PREFIX
from tests.commands import serving
from tests.docker import BUILD, LAST, ROOT, STEPS, environment, health_check, values
from tests.faults.processes import SOAK

pytestmark = pytest.mark.fault

PLACE = "/opt/communique"
"""Where the image has the program."""
UNREACHABLE = re.compile(r"Retrying \(Retry|NewConnectionError|Network is unreachable")
PATIENCE = 60
"""Seconds for a package index to give all that is needed."""
PYTHON = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def healthy(port: int | None, path: str = PYTHON) -> bool:
    """What the health check says of a port; `path` is where it finds Python."""
    env = {"PATH": path, f"{PREFIX}PORT": str(port)}
    check = [shutil.which("python", path=path) or "", *health_check()[1:]]
    return subprocess.run(check, env=env, capture_output=True, check=False).returncode == 0


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A port on which everything is answered with a status."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_the_health_check_believes_what_readyz_says(tmp_path: Path) -> None:
    assert health_check()[0] == "python"
    with serving(tmp_path / "communique.db", "serve") as server:
        port = server.client.base_url.port
        assert healthy(port)
    assert not healthy(port)
    with answering(503) as port:
        assert not healthy(port)


def build(place: Path, source: Path) -> None:
    """Follow the first stage, from an empty directory, to another place than that of the image."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", PREFIX))}
    env = {**kept, "PATH": PYTHON, "PIP_RETRIES": "1"}
    for step in STEPS:
        if (step.stage, step.does) == (BUILD, "COPY"):
            *sources, target = step.value.split()
            for each in sources:
                copy(ROOT / each, source / target)
        elif (step.stage, step.does) == (BUILD, "RUN"):
            run(step.value.replace(PLACE, str(place)), source, env)


def copy(what: Path, target: Path) -> None:
    """As COPY does: of a folder its contents."""
    if what.is_dir():
        shutil.copytree(what, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(what, target)


def run(command: str, directory: Path, env: Mapping[str, str]) -> None:
    shell = ["sh", "-c", command]
    try:
        done = subprocess.run(
            shell,
            cwd=directory,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("the package index is too slow")
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip("no package index is reachable")
    assert done.returncode == 0, f"{command}\n{done.stderr}"


@pytest.mark.skipif(
    not SOAK, reason="all is installed once more, which takes a minute: make soak does so"
)
@pytest.mark.timeout(300)
def test_what_is_built_serves_and_writes_nothing_beside_its_data(tmp_path: Path) -> None:
    """So its file system can be read-only."""
    place, source = tmp_path / "opt", tmp_path / "source"
    source.mkdir()
    build(place, source)
    shutil.rmtree(source)
    python, bytecode = (len([*place.rglob(f"*.{kind}")]) for kind in ("py", "pyc"))
    assert bytecode >= python

    before = written(place)
    variables = {k: v for k, v in environment().items() if k.startswith("PYTHON")}
    program = str(place / "bin" / "communique")
    with serving(tmp_path / "data" / "c.db", "run", program=program, **variables) as server:
        assert server.position > 0
        assert healthy(server.client.base_url.port, str(place / "bin"))
        assert "graphiql" in server.client.get("/graphql", headers={"accept": "text/html"}).text
    assert written(place) == before


def written(place: Path) -> dict[Path, int]:
    """When each file was."""
    return {path: path.lstat().st_mtime_ns for path in place.rglob("*")}


def test_the_standard_library_is_compiled(tmp_path: Path) -> None:
    (command,) = (each for each in values("RUN", LAST) if each.startswith("python"))
    env = {"PATH": PYTHON, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    subprocess.run(["sh", "-c", command], env=env, check=True)
    assert any(tmp_path.rglob("http/client.*.pyc"))
