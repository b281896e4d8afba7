"""How does an answer in parts travel over HTTP?  As the parts of one `multipart/mixed` response, each of them JSON.

https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md.  The boundary follows a part at once, since clients
wait for it before they read the part.  An answer that breaks off lacks the last boundary.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, aclosing
from typing import Final

import orjson
from starlette.requests import Request

from api.access.callers import Caller
from api.answers import Answer
from api.live.accepting import MULTIPART, OLDER
from api.live.limits import Connections
from api.live.older import Older
from api.live.sse import EventStreams
from api.live.stream import Stream
from api.operations import Operations
from api.requests import Asked

BOUNDARY: Final = b"\r\n---"
HEAD: Final = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"
LAST: Final = b"--\r\n"
"""What makes the boundary the last one."""


class MultipartAnswers:
    """The answers that come in parts."""

    def __init__(
        self, operations: Operations, connections: Connections, streams: EventStreams
    ) -> None:
        """What ends the event streams breaks them off."""
        self._operations, self._connections, self._streams = operations, connections, streams

    async def answer(self, request: Request, asked: Asked, caller: Caller, form: str) -> Stream:
        """The answer in a form.  Raises BadDocument, and BadRequest for a connection too many."""
        with ExitStack() as held:
            held.enter_context(self._connections.admitted(request))
            answers = self._operations.answers(asked, caller)
            first = await anext(answers)  # so that what is refused gets a status of its own
            pieces = _pieces(first, answers, form)
            return Stream(pieces, media_type(form), self._streams.ends(caller), held.pop_all())


def media_type(form: str) -> str:
    """That of a response in a form."""
    return f'{MULTIPART}; boundary="-"; {form}'


async def _pieces(
    first: Answer, others: AsyncGenerator[Answer], form: str
) -> AsyncGenerator[bytes]:
    body: Callable[[Answer], bytes] = _older() if form == OLDER else lambda answer: answer.body
    async with aclosing(others):
        yield BOUNDARY + HEAD + body(first) + BOUNDARY
        async for answer in others:
            yield HEAD + body(answer) + BOUNDARY
    yield LAST


def _older() -> Callable[[Answer], bytes]:
    older = Older()
    return lambda answer: orjson.dumps(older.told(orjson.loads(answer.body)))
