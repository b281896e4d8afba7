"""How does a test get a streaming replica?  From a base backup of the tests' own server, which it follows then."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlencode, urlsplit, urlunsplit

from tests import postgres

REACHED = "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn"


class Replica:
    """A standby server, read-only, with a socket in its data directory."""

    def __init__(self, directory: Path) -> None:
        self._server = postgres._server()
        self._directory = directory
        if self._server.system_user:  # root may not run a server
            shutil.chown(directory, self._server.system_user)
        self._run(
            *("pg_basebackup", "--checkpoint=fast", "--no-sync", "--write-recovery-conf"),
            *("--dbname", self._server.get_uri(), "--pgdata", str(directory)),
        )
        for lock in directory.glob(".s.PGSQL.*.lock"):  # the socket of the server that is followed
            lock.unlink()
        with (directory / "postgresql.auto.conf").open("a") as settings:
            settings.write("fsync = off\nshared_buffers = 16MB\n")

    def start(self) -> None:
        options = f'-h "" -k {self._directory}'
        log = str(self._directory / "log")
        self._run("pg_ctl", "-w", "-o", options, "-l", log, "-D", str(self._directory), "start")

    def stop(self) -> None:
        """As a power cut would."""
        self._run("pg_ctl", "-w", "-m", "immediate", "-D", str(self._directory), "stop")

    def url_of(self, url: str) -> str:
        """The URL here of a database of the server that is followed."""
        parts = urlsplit(url)
        kept = [each for each in parts.query.split("&") if not each.startswith("host=")]
        query = "&".join([*kept, urlencode({"host": self._directory})])
        return urlunsplit(parts._replace(query=query))

    async def pause(self) -> None:
        """Let it lag from now on, until it is to go on."""
        await self._say("SELECT pg_wal_replay_pause()")

    async def go_on(self) -> None:
        await self._say("SELECT pg_wal_replay_resume()")

    async def caught_up(self) -> None:
        """Return once it reflects what the server that it follows has committed by now."""
        async with (
            postgres.connected(self._server.get_uri()) as primary,
            postgres.connected(self.url_of(self._server.get_uri())) as here,
            asyncio.timeout(20),
        ):
            end = await primary.fetchval("SELECT pg_current_wal_lsn()::text")
            reached = False
            while not reached:
                await asyncio.sleep(0.02)
                reached = await here.fetchval(REACHED, end)

    async def _say(self, statement: str) -> None:
        async with postgres.connected(self.url_of(self._server.get_uri())) as connection:
            await connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._server.bin_path / program), *arguments]
        # A pipe would be held by the server that is started.
        quiet = subprocess.DEVNULL
        subprocess.run(
            command,
            check=True,
            user=self._server.system_user,
            stdout=quiet,
            stderr=quiet,
            timeout=60,
        )


@contextmanager
def replica() -> Iterator[Replica]:
    """A replica of the tests' own server, which follows it."""
    directory = Path(mkdtemp(prefix=f"communique-replica-{os.getpid()}-"))
    try:
        made = Replica(directory)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(directory)
