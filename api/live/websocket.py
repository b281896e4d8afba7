"""Who may open a WebSocket?  Pages of this server, and programs, that speak graphql-transport-ws and have not too many open."""

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from api.documents.resolving import Documents
from api.errors import error
from api.live.limits import Connections
from api.live.messages import PROTOCOL
from api.live.origins import is_allowed
from api.live.socket import Conversation
from api.operations import Operations
from api.requests import BadRequest
from api.settings import Settings


class WebSockets:
    """The endpoint for WebSockets."""

    def __init__(
        self,
        operations: Operations,
        documents: Documents,
        connections: Connections,
        settings: Settings,
    ) -> None:
        self._operations, self._documents = operations, documents
        self._connections, self._settings = connections, settings

    async def talk(self, socket: WebSocket) -> None:
        """Take part in a conversation, or refuse it; the sub-protocol is refused after the handshake, or no browser tells it."""
        try:
            if not is_allowed(socket, self._settings.origins):
                raise _forbidden(socket.headers["origin"])
            with self._connections.admitted(socket):
                if PROTOCOL not in socket.scope["subprotocols"]:
                    await socket.accept()
                    await socket.close(4406, f"Subprotocol not acceptable: speak {PROTOCOL}")
                    return
                await socket.accept(PROTOCOL)
                talk = Conversation(socket, self._operations, self._documents, self._settings)
                await talk.hold()
        except BadRequest as refused:
            body = {"errors": [error(refused.message, refused.code)]}
            await socket.send_denial_response(JSONResponse(body, refused.status))


def _forbidden(origin: str) -> BadRequest:
    message = f"pages of {origin} may not connect; COMMUNIQUE_ALLOWED_ORIGINS names those that may"
    return BadRequest(message, 403, "FORBIDDEN")
