"""Which codes can an error have, and what do they mean?  One table, made from where each of them is raised.

    python -m api.codes

prints it as docs/errors.md has it.
"""

import re
from collections.abc import Iterable, Iterator
from inspect import getdoc
from typing import Final, NamedTuple

from api import errors, requests
from api.cli.files import NotRead, NotWritten
from api.context import PositionNotReached
from api.documents import refusing
from api.limits.bounds import CODES, INTROSPECTION_OFF, Limits
from api.problems import PROBLEMS
from api.settings import PREFIX, Misconfigured
from events.meanings import meaning_of
from events.refusals import LogDamaged, LogNotEmpty, LogsDiffer, LogUnavailable, Malformed, Refusal
from projections.certificates import NoCertificate
from projections.reading.cursors import BadCursor
from projections.reading.pages import BadPage
from projections.reading.reader import TooSlow
from projections.reading.statement import TooComplex
from projections.storing import ViewsReplaced
from projections.views.diff import BadSpan
from seeds.problems import DossierRefused

QUERIES: Final[tuple[type[Refusal], ...]] = (
    *(BadCursor, BadPage, BadSpan, LogDamaged, LogUnavailable, Malformed, PositionNotReached),
    *(TooComplex, TooSlow),
)
"""What a query or a subscription can be refused for while it runs."""
COMMANDS: Final[tuple[type[Refusal], ...]] = (
    *(DossierRefused, LogNotEmpty, LogsDiffer, Misconfigured, NoCertificate, NotRead, NotWritten),
    ViewsReplaced,
)
"""What only the command `communique` can be refused for."""

HEAD: Final = """\
# Errors

Every error has a stable code for programs and a message for people, which may change. `python -m api.codes` makes this table from the code.

- **request**: the request is refused before anything of it runs, with a status of HTTP; over a WebSocket, by an `error` message for its
  operation.
- **document**: the operation is not run. Its code is in `errors[].extensions.code`; that of a limit comes with `extensions.limit`, and
  with the place in the document where there is one. The status is 400 where `application/graphql-response+json` is accepted, and 200
  for `application/json`.
- **run**: the operation was run, and `data` is null, or what failed in it.
- **result**: an answer of a mutation: the field `code` of a type that implements `Problem`. Nothing was written.
- **command**: shown by the command `communique` alone.

`INTERNAL`, `LOG_DAMAGED` and `LOG_UNAVAILABLE` are no fault of the client: they come with `extensions.requestId`, by which
the line in the log of the program is found.

| code | where | what it means |
|---|---|---|
"""


class Row(NamedTuple):
    """A code, where it is seen, and what it means."""

    code: str
    where: str
    meaning: str


def rows() -> list[Row]:
    """All codes, in the order of the alphabet."""
    found = [*_of_requests(), *_of_documents(), *_of_refusals()]
    return sorted(found, key=lambda row: row.code)


def page() -> str:
    """The table as a page in Markdown."""
    return HEAD + "".join(
        f"| `{code}` | {where} | {meaning} |\n" for code, where, meaning in rows()
    )


def _of_requests() -> Iterator[Row]:
    for code, (statuses, meaning) in requests.MEANINGS.items():
        yield Row(code, f"request: {statuses}", meaning)


def _of_documents() -> Iterator[Row]:
    yield Row(errors.INVALID, "document", errors.MEANINGS[errors.INVALID])
    yield Row("INTERNAL", "run; request: 500", errors.MEANINGS["INTERNAL"])
    hidden = f"The server does not show its schema: `{PREFIX}INTROSPECTION`."
    yield Row(INTROSPECTION_OFF, "document", hidden)
    for code, meaning in refusing.MEANINGS.items():
        yield Row(code, "document", meaning)
    for code in dict.fromkeys(CODES.values()):
        yield Row(code, "document", " ".join(_limits(code)))


def _limits(code: str) -> Iterator[str]:
    """What the settings say that an error with this code tells of."""
    for name, its in CODES.items():
        if its == code:
            field = Limits.model_fields[name]
            what = re.sub(r", (at least 1|1 to \d+)(?=[;.])", "", meaning_of(Limits, name) or "")
            yield f"`{PREFIX}{name.upper()}` ({field.default:,}): {what[0].lower()}{what[1:]}"


def _of_refusals() -> Iterator[Row]:
    where: dict[type[Refusal], list[str]] = {}
    groups: tuple[tuple[str, Iterable[type[Refusal]]], ...] = (
        ("run", QUERIES),
        ("result", PROBLEMS),
        ("command", COMMANDS),
    )
    for group, refusals in groups:
        for refusal in refusals:
            where.setdefault(refusal, []).append(group)
    for refusal, places in where.items():
        meaning = (getdoc(refusal) or "").partition("\n")[0]
        yield Row(refusal.code, ", ".join(places), meaning)


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - it is what this is run for
