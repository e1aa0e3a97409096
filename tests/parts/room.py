"""People in a live room of the stack, by its WebSocket alone."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

PING_S = 5.0
Message = dict[str, Any]  # Any: JSON of spaces/PROTOCOL.md.


class Member:
    """One open page of a room; `heard` keeps every message with the second it came in."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._refs = itertools.count()
        self.heard: list[tuple[float, Message]] = []
        self.closed_with: int | None = None
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._ping())]

    async def ask(self, kind: str, timeout_s: float = 20.0, **fields: object) -> Message:
        """Send and return the answer."""
        ref = f"r{next(self._refs)}"
        await self._socket.send_json({"type": kind, "ref": ref, **fields})
        return await self.hears(lambda message: message.get("ref") == ref, timeout_s)

    async def hears(
        self, is_it: Callable[[Message], bool], timeout_s: float = 20.0, since: float = 0.0
    ) -> Message:
        """Return the first message of this kind that came after `since` (monotonic seconds)."""
        async with asyncio.timeout(timeout_s):
            while True:
                for at, message in self.heard:
                    if at >= since and is_it(message):
                        return message
                await asyncio.sleep(0.02)

    def at(self, kind: str, since: float) -> float:
        """Return when a message of this type came first after `since`."""
        return next(at for at, one in self.heard if at >= since and one["type"] == kind)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()

    async def _read(self) -> None:
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                self.heard.append((time.monotonic(), frame.json()))
        self.closed_with = self._socket.close_code

    async def _ping(self) -> None:
        while True:
            await self._socket.send_json({"type": "ping"})
            await asyncio.sleep(PING_S)


@asynccontextmanager
async def member(site: str, space: str, token: str) -> AsyncIterator[Member]:
    """Yield somebody in the room, with the snapshot."""
    address = f"{site.replace('http', 'ws', 1)}/ws/spaces/{space}/"
    headers = {"Authorization": f"Token {token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, headers=headers) as socket,
    ):
        one = Member(socket)
        try:
            await one.hears(lambda message: message["type"] == "space.snapshot")
            yield one
        finally:
            await one.close()
