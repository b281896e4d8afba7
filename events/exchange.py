"""How does a log travel in a file?  As lines of JSON, which say themselves whether they are whole and unaltered.

The first line is a header: format, count of records, and the root of the Merkle tree over their leaf hashes.  Each other line is a record,
in order of position, so that position n stands on line n + 1: its leaf hash in hexadecimal, and the exact bytes that are stored and hashed.

    {"format":"communique-log/1","records":119,"root":"9f…"}
    {"leaf":"4a…","record":{"causation":null,…}}
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Annotated, Final, Literal

from pydantic import StringConstraints, ValidationError

from events.canonical import canonical
from events.envelope import recorded
from events.log import EventLog
from events.merkle import Tree
from events.prefix import Prefix
from events.record import Recorded
from events.refusals import Malformed
from events.values import Count, Value
from events.vocabulary import problems

FORMAT: Final = "communique-log/1"
PAGE: Final = 500
"""Records that are read together."""
LINE: Final = re.compile(rb'\{"leaf":"([0-9a-f]{64})","record":(\{.*\})\}')
SHOWN: Final = '{"leaf":"<64 hexadecimal digits>","record":{…}}'

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in hexadecimal."""
Progress = Callable[[int, int], None]
"""Told (position reached, position aimed at)."""


class Header(Value):
    """What a file says of itself in its first line."""

    format: Literal["communique-log/1"] = FORMAT
    records: Count
    """How many lines follow."""
    root: Hash
    """Root of the RFC 6962 Merkle tree over the leaf hashes of the records."""


async def pages(
    log: EventLog, until: int, progress: Progress | None = None
) -> AsyncIterator[list[Recorded]]:
    """The records of a log up to a position, from the first one on; one page is in memory."""
    position = 0
    while position < until:
        page = await log.read(position, min(PAGE, until - position))
        yield page
        position = page[-1].position
        if progress:
            progress(position, until)


async def header_of(log: EventLog, progress: Progress | None = None) -> Header:
    """The header for all records that a log has now.  Raises LogDamaged."""
    prefix = Prefix()
    async for page in pages(log, await log.head(), progress):
        for record in page:
            prefix.add(record)
    return Header(records=prefix.position, root=prefix.root)


async def lines(
    log: EventLog, header: Header, progress: Progress | None = None
) -> AsyncIterator[bytes]:
    """The lines of a file, with their ends, in pieces of many: the header, and the records that it counts."""
    yield canonical(header) + b"\n"
    async for page in pages(log, header.records, progress):
        yield b"".join(
            b'{"leaf":"%s","record":%s}\n' % (record.leaf.hex().encode(), record.record)
            for record in page
        )


class Reading:
    """The records of a file, line by line, each looked at before it is given."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        """Read the header.  Raises Malformed."""
        self.line = 1
        """The line that was read last; the first is 1."""
        self._lines = iter(lines)
        self.header = _header(next(self._lines, b""))

    def __iter__(self) -> Iterator[Recorded]:
        """Raises Malformed for a line that is no record, and in the end if the records are not those of the header."""
        tree, aim = Tree(), self.header.records
        for line in self._lines:
            self.line += 1
            if tree.size == aim:
                raise Malformed(f"the file goes on, but its header says {aim} records")
            record = _record(line.removesuffix(b"\n"))
            tree.add(record.leaf)
            yield record
        if tree.size < aim:
            raise Malformed(f"the file ends after {tree.size} records; its header says {aim}")
        if tree.root.hex() != self.header.root:
            raise Malformed(
                f"the records have the Merkle root {tree.root.hex()}; "
                f"the header says {self.header.root}"
            )


async def import_lines(
    log: EventLog, lines: Iterable[bytes], progress: Progress | None = None
) -> Header:
    """Fill an empty log from the lines of a file; gives its header.  All records are kept, or none.

    However long the file is, only one line is in memory.
    Raises Malformed with the number of the line and what would be right, LogNotEmpty, LogUnavailable.
    """
    reading: Reading | None = None
    try:
        reading = Reading(lines)
        await log.restore(_told(reading, progress))
    except Malformed as refusal:
        line = reading.line if reading else 1
        raise Malformed(f"line {line}: {refusal.message}") from None
    return reading.header


def _told(reading: Reading, progress: Progress | None) -> Iterator[Recorded]:
    for record in reading:
        yield record
        if progress and record.position % PAGE == 0:
            progress(record.position, reading.header.records)


def _header(line: bytes) -> Header:
    try:
        return Header.model_validate_json(line)
    except ValidationError as error:
        wanted = f'{{"format":"{FORMAT}","records":<count>,"root":"<64 hexadecimal digits>"}}'
        raise Malformed(
            f"this is no header of an exported log ({problems(error)}); it is {wanted}"
        ) from None


def _record(line: bytes) -> Recorded:
    parts = LINE.fullmatch(line)
    if parts is None:
        raise Malformed(f"this is no record of an exported log; one is {SHOWN}")
    return recorded(parts[2], bytes.fromhex(parts[1].decode()))
