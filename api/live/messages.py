"""What is said over a WebSocket?  The messages of graphql-transport-ws; one that is no such message ends the connection, and says why."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from api.errors import Shown
from api.requests import BadRequest, parsed

PROTOCOL: Final = "graphql-transport-ws"
MAX_REASON: Final = 123
"""Bytes that WebSocket allows for the reason of a close."""
MAX_ID: Final = 200
"""Characters that the id of an operation may have."""

ACK: Final = b'{"type":"connection_ack"}'
PING: Final = b'{"type":"ping"}'


class Closing(Exception):
    """The connection must be closed; the codes are those of graphql-transport-ws."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:MAX_REASON].decode(errors="ignore")


@dataclass(frozen=True)
class Init:
    """The client begins."""


@dataclass(frozen=True)
class Ping:
    """The client wants a pong with the same payload."""

    payload: Any


@dataclass(frozen=True)
class Pong:
    """The client is there."""


@dataclass(frozen=True)
class Subscribe:
    """The client starts an operation."""

    id: str
    payload: dict[str, Any]
    """The parameters that say what it asks; whether they are right concerns only this operation."""


@dataclass(frozen=True)
class Complete:
    """The client wants no more of an operation."""

    id: str


Message = Init | Ping | Pong | Subscribe | Complete


def message_of(frame: str | bytes) -> Message:
    """What a frame says.  Raises Closing 4400."""
    if isinstance(frame, bytes):
        raise _bad("a message is text, not binary")
    try:
        given = parsed(frame, "a message")
    except BadRequest as error:
        raise _bad(error.message) from None
    if not isinstance(given, dict):
        raise _bad('a message is an object: {"type": …}')
    payload = given.get("payload")
    match given.get("type"):
        case "subscribe":
            return Subscribe(_id(given), _parameters(payload))
        case "complete":
            return Complete(_id(given))
        case "connection_init" | "ping" | "pong" as kind if not isinstance(payload, dict | None):
            raise _bad(f"the payload of {kind!r} is an object, if there is one")
        case "connection_init":
            return Init()
        case "ping":
            return Ping(payload)
        case "pong":
            return Pong()
        case "connection_ack" | "next" | "error" as kind:
            raise _bad(f"{kind!r} is for the server to say")
        case None:
            raise _bad("the message has no type")
        case _:
            raise _bad("there is no such type of message")


def pong(payload: Any) -> bytes:
    return orjson.dumps({"type": "pong"} | ({"payload": payload} if payload else {}))


def next_(id_: str, body: bytes) -> bytes:
    """A result, whose JSON is at hand."""
    return b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(id_), body)


def error(id_: str, errors: list[Shown]) -> bytes:
    """Why an operation has no result; it has ended."""
    return orjson.dumps({"id": id_, "type": "error", "payload": errors})


def complete(id_: str) -> bytes:
    return orjson.dumps({"id": id_, "type": "complete"})


def _parameters(payload: Any) -> dict[str, Any]:
    if isinstance(payload, dict):
        is_named = "documentId" in payload or "extensions" in payload
        if is_named or isinstance(payload.get("query"), str):
            return payload
    raise _bad("the payload of 'subscribe' is an object: {\"query\": …}")


def _id(given: dict[str, Any]) -> str:
    id_ = given.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= MAX_ID:
        raise _bad(f"the id of an operation is a text of 1 to {MAX_ID} characters")
    return id_


def _bad(reason: str) -> Closing:
    return Closing(4400, f"Invalid message: {reason}")
