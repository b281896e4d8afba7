"""Who comes in?  Every request and every WebSocket passes here first: no foreign page, no false token, nobody too often."""

from collections.abc import Awaitable, Collection
from typing import Any, TypeVar

from starlette.requests import HTTPConnection

from api.access.authentication import Authentication
from api.access.callers import READING, Caller
from api.access.rates import Rates
from api.access.refusals import not_permitted
from api.access.sites import refuse_foreign
from api.requests import BadRequest

Known = TypeVar("Known", Caller, Caller | None)


class Door:
    """What stands before the operations."""

    def __init__(
        self, authentication: Authentication, rates: Rates, origins: Collection[str]
    ) -> None:
        self.authentication, self._rates, self._origins = authentication, rates, origins

    async def opened(self, connection: HTTPConnection) -> Caller:
        """Who may come in.  Raises BadRequest."""
        refuse_foreign(connection, self._origins)
        return await self._known(connection, self.authentication.of(connection))

    async def entered(self, connection: HTTPConnection) -> Caller:
        """Who asks something, which counts; nobody who may do nothing.  Raises BadRequest."""
        caller = await self.opened(connection)
        self.count(connection, caller)
        if not caller.rights:
            raise not_permitted(caller, READING)
        return caller

    async def said(self, connection: HTTPConnection, payload: Any) -> Caller | None:
        """Whom the first message of a WebSocket names, if anybody.  Raises BadRequest."""
        return await self._known(connection, self.authentication.said(payload))

    def count(self, connection: HTTPConnection, caller: Caller) -> None:
        """Count what somebody asks.  Raises BadRequest 429 for one too many."""
        self._rates.count(connection, caller)

    async def _known(self, connection: HTTPConnection, asked: Awaitable[Known]) -> Known:
        try:
            return await asked
        except BadRequest:
            self.count(connection, self.authentication.anonymous)  # so who guesses is slowed down
            raise
