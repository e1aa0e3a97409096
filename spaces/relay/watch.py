"""Tells sockets of this process that the relay they are connected to has died.

A browser takes five seconds more to notice. Only the word of a supervisor counts: an old heartbeat
may be Redis's fault, and the sound goes on without Redis; a relay that died with its whole machine
is for the browsers to notice.
"""

import asyncio
from collections.abc import Iterable
from typing import Protocol, cast
from weakref import WeakKeyDictionary, WeakSet

import redis

from config import redis_clients
from media_relay.protocol.relay import gone_key

CHECK_EVERY_S = 0.5


class Follower(Protocol):
    """A socket with connections at relays."""

    @property
    def relays(self) -> Iterable[str]: ...

    def on_lost(self, relay: str) -> None: ...


class RelayWatch:
    """One look at Redis for all followers of an event loop, while there are any."""

    def __init__(self) -> None:
        self._followers: WeakSet[Follower] = WeakSet()
        self._task: asyncio.Task[None] | None = None

    def add(self, follower: Follower) -> None:
        self._followers.add(follower)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="relay watch")

    def discard(self, follower: Follower) -> None:
        self._followers.discard(follower)

    async def check(self) -> None:
        """Tell every follower whose relay has died. A Redis that is away knows of none."""
        relays = sorted({relay for follower in self._followers for relay in follower.relays})
        if not relays:
            return
        keys = [gone_key(relay) for relay in relays]
        try:
            # A supervisor sets the mark when it has seen the end of its relay.
            marks = await redis_clients.in_loop().mget(keys)
        except redis.RedisError:
            return
        for relay, mark in zip(relays, cast("list[bytes | None]", marks), strict=True):
            if mark is None:
                continue
            for follower in list(self._followers):
                if relay in follower.relays:
                    follower.on_lost(relay)

    async def _run(self) -> None:
        # Ends by itself with the last follower; the next one starts it anew.
        while self._followers:
            await asyncio.sleep(CHECK_EVERY_S)
            await self.check()


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, RelayWatch] = WeakKeyDictionary()


def watch() -> RelayWatch:
    """Return the one of the running event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), RelayWatch())
