"""What names a document?  The SHA-256 of its text, or whatever a front end's compiler chose.

https://github.com/graphql/graphql-over-http, appendix "Persisted Documents".
"""

import re
from hashlib import sha256
from typing import Final

ID: Final = re.compile(r"sha256:[0-9a-f]{64}|x-[\w.~-]+:[\w.~-]+|[\w.~-]+", re.ASCII)
SHA256: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


def hash_of(text: str) -> str:
    """The SHA-256 of a document, in hexadecimal."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_in(id_: str) -> str | None:
    """The SHA-256 that an id claims to be, with or without its prefix; none if it is another id."""
    found = SHA256.fullmatch(id_)
    return found[1] if found else None


def key_of(id_: str) -> str:
    """What a document is kept under: both ways to write a SHA-256 lead to the same one."""
    return hash_in(id_) or id_
