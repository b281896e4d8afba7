"""How is a file written?  As a whole or not at all: under its name there is never half of it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from events.refusals import Refusal


class NotWritten(Refusal):
    """A file cannot be written; what was under its name before is still there."""

    code = "NOT_WRITTEN"


class NotRead(Refusal):
    """A file cannot be read."""

    code = "NOT_READ"


@contextmanager
def written(path: Path, beside: Path | None) -> Iterator[IO[bytes]]:
    """A file that is put under its name when it is written and on the disk; `-` is standard output.

    Raises NotWritten, also for the SQLite database that stands `beside`.
    """
    try:
        if str(path) == "-":
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
            return
        aim, database = path.resolve(), beside and beside.resolve()
        if database and aim in {
            database.with_name(database.name + end) for end in ("", "-wal", "-shm")
        }:
            raise NotWritten(f"{path} is the database itself; name another file")
        if aim.exists() and not aim.is_file():
            raise NotWritten(f"{path} is no regular file; name one, or - for standard output")
        with _replacing(aim) as file:
            yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NotWritten(f"{path} cannot be written ({error.strerror})") from None


@contextmanager
def read(path: Path) -> Iterator[IO[bytes]]:
    """A file to read; `-` is standard input.  Raises NotRead."""
    try:
        if str(path) == "-":
            yield sys.stdin.buffer
            return
        with path.open("rb") as file:
            yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NotRead(f"{path} cannot be read ({error.strerror})") from None


@contextmanager
def _replacing(aim: Path) -> Iterator[IO[bytes]]:
    partial = aim.with_name(f".{aim.name}.{uuid4().hex}")
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(aim)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    directory = os.open(aim.parent, os.O_RDONLY)
    try:
        os.fsync(directory)  # the name, too, is on the disk
    finally:
        os.close(directory)
