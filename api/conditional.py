"""Has a client got this answer already?  Its tag says: what was asked, in which form, and the position that it reflects.

https://www.rfc-editor.org/rfc/rfc9110#section-13.  A tag is exact: the same question to views at the same position has the same answer; so
whoever has it is told so, without its being read again.
"""

from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from typing import Final

import orjson

from api.access.callers import Caller
from api.requests import Asked
from projections.folding import PROJECTIONS

DIGEST: Final = 12
"""Bytes of the digest in a tag."""
FOR_EVER: Final = "max-age=31536000, immutable"
CHECKED: Final = "no-cache"
"""An answer may be kept, and is asked for again with its tag."""


def question(asked: Asked, caller: Caller, media_type: str) -> str:
    """A digest of what is asked, in which role, and of the form in which it is answered."""
    what = (asked.query, asked.operation_name, asked.variables, asked.extensions)
    told = orjson.dumps((*what, caller.role, media_type, *_program()))
    return blake2b(told, digest_size=DIGEST).hexdigest()


def tag(position: int, question: str) -> str:
    """The entity tag of an answer."""
    return f'"{position}-{question}"'


def has(if_none_match: str, tag: str) -> bool:
    """Whether a client that says what it has got has got what has this tag."""
    known = (each.strip().removeprefix("W/") for each in if_none_match.split(","))
    return any(each in {tag, "*"} for each in known)


@cache
def _program() -> list[object]:
    """What else an answer follows from: an upgrade may show the same log in another way."""
    return [version("communique"), *(projection.version for projection in PROJECTIONS)]
