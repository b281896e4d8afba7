"""Is the body of a request JSON in UTF-8, and not too much of it?  Or which other form would be right."""

from typing import Any

from starlette.requests import Request

from api.live.accepting import CHARSETS, JSON, media_type
from api.requests import BadRequest, parsed


async def body_of(request: Request, most: int) -> Any:
    """The value that a request's body has, which may have so many bytes.  Raises BadRequest."""
    content_type, parameters = media_type(request.headers.get("content-type", ""))
    if content_type != JSON:
        raise _unsupported(f"the content type must be {JSON}, not {content_type or 'left out'!r}")
    charset = parameters.get("charset", "utf-8")
    if charset.lower() not in CHARSETS:
        raise _unsupported(f"the charset must be utf-8, not {charset!r}")
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise _unsupported(f"the body must be sent as it is, not with the encoding {coding!r}")
    return parsed(await _read(request, most), "the body")


async def _read(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise BadRequest(f"a request has at most {most} bytes", 413, "BODY_TOO_LARGE")
    return bytes(body)


def _unsupported(message: str) -> BadRequest:
    return BadRequest(message, 415, "UNSUPPORTED_MEDIA_TYPE")
