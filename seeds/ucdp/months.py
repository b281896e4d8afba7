"""Which rows does a file have, and of which months?  It is read twice, as a stream.

The first time only the file as a whole is looked at, so that nothing is recorded of one that is damaged.  The second time a month is
given as soon as its last row was read: of a sorted file, one is in memory, and of one that is not, those that have begun.
"""

import gzip
import io
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final, NamedTuple

from seeds.problems import START, DossierRefused, Findings, Place
from seeds.ucdp.rows import HEADER

LONGEST: Final = 10_000
"""Bytes that a line may have."""
LARGEST: Final = 5_000_000 - LONGEST
"""Characters that the rows of a month may have, which become the text of one article."""
UNDATED: Final = "undated"
"""In place of the month, where a row has none."""

Progress = Callable[[int, int], None]
"""Told (rows read, rows that there are)."""

_DATED: Final = re.compile(r'"?\d+"?,"?(\d+)"?,"?(\d+)"?,', re.ASCII)


class Line(NamedTuple):
    """A line of the file."""

    number: int
    """The first is 1."""
    text: str
    """All of it, with its end."""


@dataclass(frozen=True)
class Month:
    """The rows of one month, in the order of the file."""

    name: str
    """As in `1989-01`, or `UNDATED`."""
    header: str
    rows: list[Line]


@dataclass(frozen=True)
class Survey:
    """What is known of a file before its rows are read."""

    rows: int
    sizes: Counter[str]
    """How many characters the rows of each month have."""


def survey(findings: Findings, file: IO[bytes]) -> Survey:
    """Look at a file as a whole.  Raises DossierRefused if it is no text in gzip, or has another header."""
    rows, sizes = 0, Counter[str]()
    for line in lines(findings, file):
        if line.number == 1:
            continue
        rows += 1
        name = month_of(line.text)
        sizes[name] += len(line.text)
        if sizes[name] > LARGEST:
            what = f"the rows of {name} have more than {LARGEST:,} characters"
            _refuse(findings, line.number, what, "a month's fit into one article")
    return Survey(rows, sizes)


def months(
    findings: Findings, file: IO[bytes], known: Survey, progress: Progress | None = None
) -> Iterator[Month]:
    """The months of a file, each as soon as it is whole.  Raises DossierRefused."""
    left, begun = known.sizes.copy(), defaultdict[str, list[Line]](list)
    every = lines(findings, file)
    header = next(every).text
    for line in every:
        name = month_of(line.text)
        begun[name].append(line)
        left[name] -= len(line.text)
        if not left[name]:
            yield Month(name, header, begun.pop(name))
            if progress:
                progress(line.number - 1, known.rows)


def lines(findings: Findings, file: IO[bytes]) -> Iterator[Line]:
    """The lines of a file in gzip, the header first.  Raises DossierRefused."""
    number = 1
    try:
        file.seek(0)
        with io.BufferedReader(gzip.GzipFile(fileobj=file)) as plain:
            _check_header(findings, header := plain.readline(LONGEST))
            yield Line(number, header.decode())
            while raw := plain.readline(LONGEST):
                number += 1
                yield Line(number, _text(findings, number, raw))
    except (gzip.BadGzipFile, zlib.error) as error:
        what = f"the file is not in gzip, or damaged ({error})"
        _refuse(findings, number, what, "get it anew")
    except EOFError:
        _refuse(findings, number, "the file ends too early, it was cut off", "get the whole of it")


def month_of(row: str) -> str:
    """The month that a row belongs to.

    >>> month_of("13364,1989,1,2,South Africa,…"), month_of("…")
    ('1989-01', 'undated')
    """
    dated = _DATED.match(row)
    return f"{int(dated[1]):04}-{int(dated[2]):02}" if dated else UNDATED


def _check_header(findings: Findings, header: bytes) -> None:
    if header.rstrip(b"\r\n") != HEADER.encode():
        _refuse(findings, 1, f"the header is {header[:200]!r}", f"it is {HEADER}")


def _text(findings: Findings, number: int, raw: bytes) -> str:
    if len(raw) == LONGEST and not raw.endswith(b"\n"):
        what = f"the line has more than {LONGEST:,} bytes"
        _refuse(findings, number, what, "a row is a line of its own")
    if b"\0" in raw:
        _refuse(findings, number, "the line has U+0000", "take it out")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        what = f"byte 0x{raw[error.start]:02x} at offset {error.start} of the line is not UTF-8"
        _refuse(findings, number, what, "save the file in UTF-8")
    raise AssertionError


def _refuse(findings: Findings, number: int, what: str, right: str) -> None:
    findings.add(Place(number, START.column), what, right)
    raise DossierRefused(findings.problems)
