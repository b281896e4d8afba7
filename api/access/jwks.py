"""Which keys does an issuer publish?  They are fetched beside the event loop, kept, and fetched again for a key that is not among them.

Keys that are known stay usable while the issuer cannot be reached.
"""

import asyncio
import logging
from time import monotonic
from typing import Final

import jwt

from api.access.refusals import CannotAuthenticate, Unauthenticated

TIMEOUT: Final = 5.0
"""Seconds that the issuer has to answer."""
PAUSE: Final = 10.0
"""Seconds between two attempts, so that tokens with made-up keys make no load for the issuer."""
LIFESPAN: Final = 300.0
"""Seconds after which keys are fetched again, so that those are noticed that are published no more."""

logger = logging.getLogger("communique")


class PublishedKeys:
    """The keys at a URL."""

    def __init__(self, url: str, pause: float = PAUSE, lifespan: float = LIFESPAN) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=TIMEOUT)
        self._pause, self._lifespan = pause, lifespan
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched = self._tried = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, kid: str | None) -> jwt.PyJWK:
        """The key with an id; without one, the only key.  Raises Unauthenticated, CannotAuthenticate."""
        known = self._find(kid)
        if known is None:
            await asyncio.shield(self._fetch())
            known = self._find(kid)
        elif monotonic() - self._fetched > self._lifespan:
            _ = self._fetch()  # the next one has use of it
        if known is not None:
            return known
        if self._fetched < self._tried:
            message = "the keys that tokens are signed with cannot be fetched now; try again"
            raise CannotAuthenticate(message, self._pause)
        raise Unauthenticated("the token is signed with a key that its issuer does not publish")

    def _find(self, kid: str | None) -> jwt.PyJWK | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    def _fetch(self) -> "asyncio.Future[None]":
        """One attempt for all who wait; none soon after another one."""
        if self._fetching is None or (
            self._fetching.done() and monotonic() - self._tried > self._pause
        ):
            self._fetching = asyncio.create_task(self._attempt())
        return self._fetching

    async def _attempt(self) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                found = await asyncio.to_thread(self._client.get_signing_keys)
        except Exception as error:  # noqa: BLE001 - what is published may be anything
            self._tried = monotonic()
            logger.error("the keys that tokens are signed with were not fetched: %s", _why(error))  # noqa: TRY400 - as it says
        else:
            self._keys = {key.key_id: key for key in found}
            self._fetched = self._tried = monotonic()


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
