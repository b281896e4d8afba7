"""How are requests driven?  By wrk, over so many connections that are kept open, each asking again as soon as it is answered."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import orjson

PROGRAM: Final = "wrk"
NUMBER: Final = "NUMBER"
"""What stands in a URL for the number of the body, from 0."""
HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json"}
LUA: Final = """
local bodies, turn = {}, 0
for body in io.lines(%r) do bodies[#bodies + 1] = body end
function init()
  for n, body in ipairs(bodies) do bodies[n] = wrk.format("POST", wrk.path:gsub("NUMBER", n - 1), wrk.headers, body) end
end
function request() turn = turn %% #bodies + 1; return bodies[turn] end
function done(summary, latency)
  local wrong = summary.errors
  io.stderr:write(string.format("[%%d,%%d,%%d,%%d,%%d,%%d]", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.bytes,
    wrong.status + wrong.timeout + wrong.connect + wrong.read + wrong.write))
end
"""
"""Bodies in turn, each a line of a file."""


class Driven(NamedTuple):
    """What came of some seconds."""

    requests: int
    rate: float
    """Requests a second."""
    p50: float
    """Seconds."""
    p99: float
    size: float
    """Bytes of an answer, with its headers."""


def needed() -> None:
    """End the program with a message unless wrk is there."""
    if shutil.which(PROGRAM) is None:
        sys.exit("wrk, which drives the servers, is not there: `apt-get install wrk` installs it")


def script(folder: Path, name: str, bodies: Sequence[bytes]) -> Path:
    """The script that asks for bodies in turn."""
    lines = folder / f"{name}.jsonl"
    lines.write_bytes(b"\n".join(bodies) + b"\n")
    made = folder / f"{name}.lua"
    made.write_text(LUA % str(lines), encoding="utf-8")
    return made


def numbered(url: str, number: int) -> str:
    """The URL that a body is sent to."""
    return url.replace(NUMBER, str(number))


def drive(url: str, asking: Path, connections: int, seconds: int) -> Driven:
    """Ask for some seconds.  Every answer must have the status 200."""
    headers = chain.from_iterable(("-H", f"{name}: {value}") for name, value in HEADERS.items())
    options = ("-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(asking))
    done = subprocess.run(
        [PROGRAM, *options, *headers, url], capture_output=True, text=True, check=True
    )
    requests, microseconds, p50, p99, size, wrong = orjson.loads(done.stderr)
    assert requests, f"nothing was answered\n{done.stdout}"
    assert not wrong, f"{wrong} requests failed\n{done.stdout}"
    rate = requests / microseconds * 1e6
    return Driven(requests, rate, p50 / 1e6, p99 / 1e6, size / requests)
