"""Which documents are trusted?  Those of manifests, as relay-compiler and graphql-codegen write them: `{"<id>": "<document>"}`.

Every document is checked when the server starts, against the schema and the limits, so that a front end that was built for another
schema is found out before its users do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from api.documents.ids import ID, hash_in, hash_of, key_of
from api.errors import Shown, shown
from api.settings import PREFIX, Misconfigured
from api.validating import Document

Look = Callable[[str], Document]
"""Gives the document of a text, with what is wrong with it."""


def trusted(manifests: Iterable[Path], look: Look) -> dict[str, str]:
    """The documents of manifests, by what they are kept under.  Raises Misconfigured with every mistake, each on a line."""
    documents: dict[str, str] = {}
    mistakes: list[str] = []
    for path in manifests:
        try:
            found = _read(path)
        except ValueError as error:
            mistakes.append(f"{PREFIX}DOCUMENTS is wrong: {path} {error}")
            continue
        for id_, text in found.items():
            if documents.setdefault(key_of(id_), text) != text:
                mistakes.append(f"{path}, {id_!r}: another document has this id, too")
            mistakes += [f"{path}, {id_!r}: {each}" for each in _mistakes(id_, text, look)]
    if mistakes:
        raise Misconfigured("\n".join(mistakes))
    return documents


def _read(path: Path) -> Mapping[str, Any]:
    """What a manifest has.  Raises ValueError, which says what it is instead."""
    try:
        found = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise ValueError(f"is no JSON in UTF-8: {error}") from None
    if not isinstance(found, dict):
        raise ValueError('is no manifest; one is {"<id>": "<document>", …}')  # noqa: TRY004 - of the file
    return found


def _mistakes(id_: str, text: Any, look: Look) -> Iterator[str]:
    if not ID.fullmatch(id_):
        yield "it is no id; there are sha256:<64 digits>, x-<name>:<id>, and ids of letters, digits and - . _ ~"
    if not isinstance(text, str):
        yield "it is no document, but another value"
        return
    claimed = hash_in(id_)
    if claimed and claimed != hash_of(text):
        yield f"the SHA-256 of the document is {hash_of(text)}; a tool may have changed it after it was named"
    yield from map(_told, map(shown, look(text).errors))


def _told(error: Shown) -> str:
    where = [f"line {at['line']}, column {at['column']}" for at in error.get("locations", ())[:1]]
    return f"{error['message']} ({', '.join([*where, error['extensions']['code']])})"
