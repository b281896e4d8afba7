"""What does a server use that runs as a process of its own?  Its CPU time and memory, as Linux tells them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final

COMMAND: Final = Path(sys.executable).with_name("communique")
TICKS: Final = os.sysconf("SC_CLK_TCK")
PARENT, UTIME, STIME, CUTIME, CSTIME = 1, 11, 12, 13, 14
"""Where they stand in `stat`, counted from behind the name, which may hold anything."""


@contextmanager
def running(command: Sequence[str], settings: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """A process that ends the first line that it prints with its URL, when it is ready; gives the URL, and its id."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("COMMUNIQUE_")}
    with subprocess.Popen(
        command, env={**kept, **settings}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline().split()
            assert said, f"{command} did not start"
            yield said[-1], process.pid
        finally:
            process.kill()


def product(url: str, **settings: str) -> AbstractContextManager[tuple[str, int]]:
    """The product, serving a database on a port that is free; a setting is named without its prefix."""
    return running([str(COMMAND), "serve"], _set(DATABASE_URL=url, PORT="0", **settings))


def told(*arguments: str, **settings: str) -> str:
    """What a command of the product prints."""
    environment = {**os.environ, **_set(**settings)}
    done = subprocess.run(
        [COMMAND, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()


def _set(**settings: str) -> dict[str, str]:
    return {f"COMMUNIQUE_{name}": value for name, value in settings.items()}


def cpu(pid: int) -> float:
    """Seconds of CPU time that all threads of a process have used, in the kernel, too."""
    fields = _stat(pid)
    return (int(fields[UTIME]) + int(fields[STIME])) / TICKS


def family_cpu(pid: int) -> float:
    """Those of a process, of its children, and of children that have ended."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    fields = _stat(pid)
    ended = (int(fields[CUTIME]) + int(fields[CSTIME])) / TICKS
    running = 0.0
    for child in children:
        with suppress(FileNotFoundError):  # it has ended meanwhile
            running += cpu(int(child))
    return cpu(pid) + ended + running


def parent(pid: int) -> int:
    """The id of the process that started a process."""
    return int(_stat(pid)[PARENT])


def resident(pid: int) -> int:
    """The memory of a process, in kB; what the kernel keeps for its sockets is not in it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmRSS:"))


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
