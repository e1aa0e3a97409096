"""The least that Channels can do for a room, served by Daphne: join a group, hand on what it hears,
answer pings.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")  # For the channel layer alone.

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter

GROUP = "bench.bare"
PONG = '{"type":"pong","n":1,"rev":1}'


class BareConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types.
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=PONG)

    async def bare_text(self, event: dict[str, str]) -> None:
        await self.send(text_data=event["text"])


application = ProtocolTypeRouter({"websocket": BareConsumer.as_asgi()})
