"""Tells sockets of this process that the relay they are connected to has died. A browser takes five
seconds more.

Only the word of a supervisor counts. An old heartbeat may be Redis's fault, and the sound goes on
without Redis; a relay that died with its whole machine is for the browsers to notice.
"""

import asyncio
from collections.abc import Iterable
from typing import Protocol, cast
from weakref import WeakKeyDictionary, WeakSet

import redis

from config import redis_clients
from media_relay.protocol.relay import gone_key

LOOK_S = 0.5


class Follower(Protocol):
    """Somebody with connections at relays."""

    @property
    def relays(self) -> Iterable[str]: ...

    def on_lost(self, relay: str) -> None: ...


class Watch:
    """One look at Redis for all followers of an event loop, twice a second while there are any."""

    def __init__(self) -> None:
        self._followers: WeakSet[Follower] = WeakSet()
        self._task: asyncio.Task[None] | None = None

    def add(self, follower: Follower) -> None:
        self._followers.add(follower)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._live(), name="relay deaths")

    def discard(self, follower: Follower) -> None:
        self._followers.discard(follower)

    async def look(self) -> None:
        """Tell everybody whose relay has died. A Redis that is away knows of none."""
        used = sorted({relay for follower in self._followers for relay in follower.relays})
        try:
            dead = await _dead_of(used) if used else []
        except redis.RedisError:
            return
        for relay in dead:
            for follower in list(self._followers):
                if relay in follower.relays:
                    follower.on_lost(relay)

    async def _live(self) -> None:
        while self._followers:
            await asyncio.sleep(LOOK_S)
            await self.look()


async def _dead_of(relays: list[str]) -> list[str]:
    """Return those whose supervisor has seen their end. Raises RedisError."""
    keys = [gone_key(relay) for relay in relays]
    marks = cast("list[bytes | None]", await redis_clients.in_loop().mget(keys))
    return [relay for relay, mark in zip(relays, marks, strict=True) if mark is not None]


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def watch() -> Watch:
    """Return the one of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _watches.get(loop)
    if found is None:
        found = _watches[loop] = Watch()
    return found
