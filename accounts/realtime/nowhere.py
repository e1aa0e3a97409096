"""WebSocket addresses at which there is nothing."""

from channels.generic.websocket import AsyncWebsocketConsumer

from accounts.realtime.socket import CloseCode


class NowhereConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types.
    """A router without a route raises: a 500 and a traceback for whoever mistypes an address."""

    async def connect(self) -> None:
        # Accepted only for this: a refused handshake shows the client no close code.
        await self.accept()
        await self.close(int(CloseCode.NOWHERE))
