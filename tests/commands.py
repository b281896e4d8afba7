"""How do tests run the command: in this process, in one of its own, or as a server?"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from click.testing import CliRunner, Result

from api.cli import main
from seeds import ARTICLES

COMMAND = str(Path(sys.executable).with_name("communique"))
SLUG = "libya-russia-moscow-2020-12-30"
DOSSIER = ARTICLES / f"{SLUG}.yaml"
EVENTS = 119
"""How many events the article's dossier becomes."""
STARTED = "Ctrl-C stops it"
"""What a server prints last when it has started."""


def surroundings(database: Path | str, **more: str) -> dict[str, str]:
    """The environment, with no other setting than these; the database is a path or a URL."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("COMMUNIQUE_")}
    url = f"sqlite:///{database}" if isinstance(database, Path) else database
    return {**kept, "COMMUNIQUE_DATABASE_URL": url, **more}


def invoke(database: Path | str, *arguments: object, **more: str) -> Result:
    """Run a command in this process, which is faster."""
    env: dict[str, str | None] = dict.fromkeys(os.environ, None)
    env.update(surroundings(database, **more))
    return CliRunner().invoke(main, list(map(str, arguments)), env=env, catch_exceptions=False)


def command(
    database: Path | str, *arguments: object, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the command as people do."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        env=surroundings(database, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    process: subprocess.Popen[str]
    client: httpx.Client
    """It may record, if the server prints a link with a token."""
    welcome: str
    """What it printed when it had started."""

    @property
    def position(self) -> int:
        """The position that it says it is ready at."""
        ready = self.client.get("/readyz").raise_for_status()
        return int(ready.json()["position"])

    def stop(self, number: int) -> tuple[int, str]:
        """Send a signal; gives the exit status, and what it printed to standard error."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


@contextmanager
def serving(
    database: Path | str, *arguments: object, program: str = COMMAND, **more: str
) -> Iterator[Server]:
    """A server, on a free port unless the arguments name one, once it is ready."""
    port = () if "--port" in arguments else ("--port", 0)
    with subprocess.Popen(
        [program, *map(str, (*arguments, *port))],
        env=surroundings(database, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while not lines or (lines[-1] and STARTED not in lines[-1]):
                lines.append(process.stdout.readline())
            welcome = "".join(lines)
            token = welcome.partition("#token=")[2].split("\n")[0]
            headers = {"authorization": f"Bearer {token}"} if token else {}
            url = welcome.splitlines()[0].split()[-1]
            with httpx.Client(base_url=url, headers=headers) as client:
                wait_until_ready(client)
                yield Server(process, client, welcome)
        finally:
            process.kill()


def wait_until_ready(client: httpx.Client) -> None:
    deadline = time.monotonic() + 30
    while client.get("/readyz").status_code != httpx.codes.OK:
        assert time.monotonic() < deadline
        time.sleep(0.02)
