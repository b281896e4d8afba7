"""Who may open a WebSocket?  Whom the door lets in, if they speak graphql-transport-ws and have not too many open."""

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from api.access.door import Door
from api.documents.resolving import Documents
from api.errors import error
from api.live.limits import Connections
from api.live.messages import PROTOCOL
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
        door: Door,
        settings: Settings,
    ) -> None:
        self._operations, self._documents = operations, documents
        self._connections, self._door, self._settings = connections, door, settings

    async def talk(self, socket: WebSocket) -> None:
        """Take part in a conversation, or refuse it; the sub-protocol is refused after the handshake, or no browser tells it."""
        try:
            caller = await self._door.opened(socket)
            with self._connections.admitted(socket):
                if PROTOCOL not in socket.scope["subprotocols"]:
                    await socket.accept()
                    await socket.close(4406, f"Subprotocol not acceptable: speak {PROTOCOL}")
                    return
                await socket.accept(PROTOCOL)
                talk = Conversation(
                    socket, self._operations, self._documents, self._door, caller, self._settings
                )
                await talk.hold()
        except BadRequest as refused:
            body = {"errors": [error(refused.message, refused.code)]}
            await socket.send_denial_response(JSONResponse(body, refused.status, refused.headers))
