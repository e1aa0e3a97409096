"""What is looked at now and then for all sockets of one kind in an event loop, at once."""

import asyncio
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

SocketT = TypeVar("SocketT")


class SocketLook(ABC, Generic[SocketT]):
    """The task lives as long as there is a socket."""

    def __init__(self, name: str, every_s: float) -> None:
        self._name = name
        self._every_s = every_s
        self._sockets: dict[SocketT, None] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, socket: SocketT) -> None:
        self._sockets[socket] = None
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=self._name)

    def discard(self, socket: SocketT) -> None:
        """Let a socket go; with the last one the task ends."""
        self._sockets.pop(socket, None)
        if not self._sockets and self._task:
            self._task.cancel()
            self._task = None

    @abstractmethod
    async def look(self) -> None:
        """Ask once for all sockets, and tell each what concerns it."""

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self.look()
