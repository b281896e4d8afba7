"""Who is it that asks?  Found out by the token: `Authorization: Bearer …`, or what a WebSocket says as it begins."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import HTTPConnection

from api.access.callers import AUDITING, READING, RIGHTS, Caller, Rights, Role
from api.access.keys import PREFIX, Keys, hashed
from api.access.refusals import Unauthenticated
from api.access.settings import AccessSettings, OpenTo
from api.settings import Misconfigured

if TYPE_CHECKING:
    from api.access.json_web_tokens import JsonWebTokens

OPEN: Final[dict[OpenTo, Rights]] = {
    "nothing": frozenset(),
    "views": READING,
    "log": AUDITING,
}
MAX_TOKEN: Final = 8_000
"""Characters that a token may have."""
REMEMBERED: Final = 10_000
"""Verified tokens that are remembered."""
MEMORY: Final = 300.0
"""Seconds for which they are."""
LOOK: Final = 5.0
"""Seconds between two looks whether a token that is in use still holds."""


class Authentication:
    """Knows callers by their tokens."""

    def __init__(self, settings: AccessSettings, trial: str | None = None) -> None:
        """`trial`: a token with which anything can be tried out.

        Raises Misconfigured.
        """
        open_to = OPEN[settings.open_to]
        self.anonymous: Final = Caller("", None, None, open_to)
        with _told_of("COMMUNIQUE_KEYS_FILE"):
            self._keys = Keys(Path(settings.keys_file), open_to) if settings.keys_file else None
        with _told_of("COMMUNIQUE_JWT_KEY_FILE"):
            self._tokens = _json_web_tokens(settings, open_to) if settings.has_jwt else None
        self._trial = {} if trial is None else {hashed(trial): _trial(open_to)}
        self._remembered: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()

    async def of(self, connection: HTTPConnection) -> Caller:
        """Who sends a request.  Raises Unauthenticated, CannotAuthenticate."""
        for name, value in connection.scope["headers"]:
            if name == b"authorization":
                return await self.named(value.decode("latin-1"))
        return self.anonymous

    async def said(self, payload: Any) -> Caller | None:
        """Whom a WebSocket's first message names, by `Authorization` or `token`, if anybody.  Raises as `of`."""
        if not isinstance(payload, dict):
            return None
        if isinstance(token := payload.get("token"), str):
            return await self._shows(token)
        for name, value in payload.items():
            if name.lower() == "authorization" and isinstance(value, str):
                return await self.named(value)
        return None

    async def named(self, authorization: str) -> Caller:
        """Whom the header names; nobody, if it is of another scheme."""
        scheme, _, token = authorization.partition(" ")
        return await self._shows(token.strip()) if scheme.lower() == "bearer" else self.anonymous

    async def lost(self, caller: Caller) -> None:
        """Return when a caller's token has expired or was revoked; never for somebody without one."""
        if caller.expires is None and not caller.key:
            await asyncio.Event().wait()
        while not caller.has_expired and not self._is_revoked(caller):
            left = LOOK if caller.expires is None else caller.expires - time()
            await asyncio.sleep(max(0.0, min(left, LOOK)))

    async def _shows(self, token: str) -> Caller:
        caller = await self._caller(token)
        if caller.has_expired:
            raise Unauthenticated("the token has expired")
        return caller

    async def _caller(self, token: str) -> Caller:
        digest = hashed(token)
        caller, until = self._remembered.get(digest, (None, 0.0))
        if caller is not None and until > time():
            return caller
        if token.startswith(PREFIX):
            known = self._trial.get(digest) or (self._keys.find(digest) if self._keys else None)
            if known is None:
                raise Unauthenticated("there is no such API key, or it was revoked")
            return known
        if self._tokens is None or len(token) > MAX_TOKEN:
            raise Unauthenticated("the token is none of those that are known here")
        caller = await self._tokens.caller(token)
        self._remember(digest, caller)
        return caller

    def _remember(self, digest: bytes, caller: Caller) -> None:
        self._remembered[digest] = caller, time() + MEMORY
        self._remembered.move_to_end(digest)
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    def _is_revoked(self, caller: Caller) -> bool:
        keys = self._keys
        return bool(caller.key) and keys is not None and keys.find(caller.key) != caller


@contextmanager
def _told_of(setting: str) -> Iterator[None]:
    """Tell of which setting it is that a file does not do."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{setting} is wrong: {error}") from None


def _json_web_tokens(settings: AccessSettings, open_to: Rights) -> "JsonWebTokens":
    from api.access.json_web_tokens import JsonWebTokens  # noqa: PLC0415 - 0.1 s that only these need

    return JsonWebTokens(settings, open_to)


def _trial(open_to: Rights) -> Caller:
    return Caller("trial", Role.RECORDER, None, RIGHTS[Role.RECORDER] | open_to)
