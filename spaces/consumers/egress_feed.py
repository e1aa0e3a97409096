"""What egress publishes, for all rooms of this process: one connection to Redis, one channel a
room.
"""

import asyncio
import logging
from collections.abc import Callable
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings

from media_relay.protocol.egress import captions_channel

RETRY_S = 0.5
POLL_S = 1.0  # How long one read waits; a new channel is subscribed to meanwhile.
LOST = (redis.RedisError, OSError)
log = logging.getLogger(__name__)

Receive = Callable[[bytes], None]


class Feeds:
    """The channels of one event loop. The task that reads lives as long as there is a channel."""

    def __init__(self) -> None:
        self._receivers: dict[bytes, Receive] = {}
        self._link: redis.asyncio.client.PubSub | None = None
        self._client: redis.asyncio.Redis | None = None
        self._task: asyncio.Task[None] | None = None

    async def add(self, space: str, receive: Receive) -> None:
        channel = captions_channel(space)
        self._receivers[channel.encode()] = receive
        if self._task is None:
            # No timeout: redis-py's own would take a channel that is silent for a dead one.
            self._client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_timeout=None)
            self._link = self._client.pubsub(ignore_subscribe_messages=True)
            self._task = asyncio.get_running_loop().create_task(self._read(), name="captions.feed")
        await self._subscribe(channel)

    async def discard(self, space: str, receive: Receive) -> None:
        """Let a room go, unless another receiver hears it by now."""
        channel = captions_channel(space)
        # A new hub of the room may have begun before the end of the former one.
        if self._receivers.get(channel.encode()) != receive:
            return
        del self._receivers[channel.encode()]
        if self._receivers:
            try:
                if self._link is not None:
                    await self._link.unsubscribe(channel)
            except LOST as error:
                log.info("Captions of %s were not unsubscribed: %s", space, error)
            return
        # All three are taken before the first await: the next `add` must begin with new ones.
        task, self._task = self._task, None
        link, self._link = self._link, None
        client, self._client = self._client, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if link is not None:
            await link.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped.
        if client is not None:
            await client.aclose()

    async def _subscribe(self, channel: str) -> None:
        """Subscribe now, or with the next connection: redis-py remembers what was asked for."""
        if self._link is None:
            return
        try:
            await self._link.subscribe(channel)
        except LOST as error:
            log.warning("Captions wait for Redis: %s", error)

    async def _read(self) -> None:
        while self._link is not None:
            try:
                message = await self._link.get_message(timeout=POLL_S)
            except LOST as error:
                log.warning("Captions are interrupted: %s", error)
                await asyncio.sleep(RETRY_S)
                await self._subscribe_all()
                continue
            except RuntimeError:  # Nothing was subscribed to yet, because Redis was away.
                await asyncio.sleep(RETRY_S)
                await self._subscribe_all()
                continue
            if message is None or message["type"] != "message":
                continue
            # None: the room was let go after Redis had sent this.
            receive = self._receivers.get(message["channel"])
            try:
                if receive is not None:
                    receive(message["data"])
            except Exception:
                # One room's failure must not end the captions of all others.
                log.exception("A caption on %r could not be handed out", message["channel"])

    async def _subscribe_all(self) -> None:
        for channel in list(self._receivers):  # A copy: rooms come and go during the awaits.
            await self._subscribe(channel.decode())


_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, Feeds] = WeakKeyDictionary()


def feeds() -> Feeds:
    """Return the feeds of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _feeds:
        _feeds[loop] = Feeds()
    return _feeds[loop]
