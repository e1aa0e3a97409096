"""Redis: requests come in by the relay's stream, messages go out by the channel layer.

Everything here survives a restart of Redis; meanwhile media goes on as it is.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from time import time
from typing import cast

import redis.asyncio
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import RedisError

from media_relay.metrics import Drop, Metrics
from media_relay.protocol.encoding import encode
from media_relay.protocol.relay import (
    HEARTBEAT_S,
    NODE_DEAD_S,
    NODES_KEY,
    Closed,
    Connected,
    Node,
    PathHealth,
    RelayMessage,
    Speaker,
    encode_message,
    gone_key,
    group_name,
    node_key,
    requests_key,
)

BATCH = 100
BLOCK_MS = 2000
ANSWER_S = 15  # Longer than BLOCK_MS: a connection that is silent for so long is dead.
RETRY_S = 0.2
# After each round trip, so that what comes meanwhile shares the next one, which costs as much as
# ten messages.
GATHER_S = 0.005
BACKLOG = 10_000  # Messages that wait for Redis to come back.
MESSAGE_S = 5  # A message that could not be sent for so long is stale.
# What holds until the next word on it: said once more, in case the first was lost. Who answers by
# a request is asked again by itself.
STANDING = (Speaker, PathHealth, Connected, Closed)
SAY_AGAIN_S = 5.0
STREAM_S = 60  # The stream of a relay that was killed goes by itself.
LOST = (RedisError, OSError)

OnRequest = Callable[[bytes], Awaitable[None]]

log = logging.getLogger(__name__)


class Bus:
    """Owns three tasks: reader, writer and heartbeat. Implements `WebMessenger`."""

    def __init__(self, url: str, relay: str, metrics: Metrics) -> None:
        self._relay = relay
        self._metrics = metrics
        # By default redis-py looks its own version up among the installed packages at each
        # connection, which keeps the sound waiting.
        self._redis = redis.asyncio.Redis.from_url(
            url, socket_timeout=ANSWER_S, socket_connect_timeout=MESSAGE_S, driver_info=None
        )
        self._layer = RedisPubSubChannelLayer(hosts=[{"address": url, "socket_timeout": None}])
        # With the channel or group, as the layer names it in Redis.
        self._messages: asyncio.Queue[tuple[str, RelayMessage]] = asyncio.Queue(BACKLOG)
        # What is to be said again: the newest of each kind, by where it goes and whose it is.
        self._last_words: dict[tuple[str, type[RelayMessage], str], RelayMessage] = {}
        self._read_to: bytes | str = "0"  # The newest entry that was handed over.
        self._tasks: list[asyncio.Task[None]] = []
        self._is_open = True

    @property
    def redis(self) -> redis.asyncio.Redis:
        return self._redis

    async def start(self, on_request: OnRequest, node: Callable[[], Node]) -> None:
        """Send a heartbeat, and begin to read. Returns when the first one is in Redis."""
        # A name that is kept over restarts lives again.
        await self._until_it_works(lambda: self._redis.delete(gone_key(self._relay)))
        await self._until_it_works(lambda: self._beat(node()))
        self._tasks = [
            asyncio.create_task(self._read_forever(on_request), name="bus reader"),
            asyncio.create_task(self._write_forever(), name="bus writer"),
            asyncio.create_task(self._beat_forever(node), name="bus heartbeat"),
        ]

    async def send_heartbeat(self, node: Node) -> None:
        """Tell what has changed without waiting for the next heartbeat."""
        with suppress(*LOST):
            await self._beat(node)

    async def flush_messages(self) -> None:
        """Wait until all messages have gone out."""
        await self._messages.join()

    async def stop(self) -> None:
        """Take our entries out of Redis and end the tasks."""
        # redis-py loses a cancellation now and then; then the loops end by this.
        self._is_open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(*LOST):
            await self._redis.zrem(NODES_KEY, self._relay)
            await self._redis.delete(node_key(self._relay), requests_key(self._relay))
        with suppress(*LOST):
            await self._layer.flush()
        await self._redis.aclose()

    # --- WebMessenger

    def to_peer(self, reply_to: str, message: RelayMessage) -> None:
        self._put(reply_to, message)

    def to_space(self, space: str, message: RelayMessage) -> None:
        self._put(self._layer._get_group_channel_name(group_name(space)), message)

    def _put(self, channel: str, message: RelayMessage) -> None:
        self._queue(channel, message)
        if not isinstance(message, STANDING):
            return
        if isinstance(message, Closed):
            # What was said of the connection holds no more.
            for kind in STANDING:
                self._last_words.pop((channel, kind, message.peer), None)
        key = (channel, type(message), message.peer)
        if key not in self._last_words:
            asyncio.get_running_loop().call_later(SAY_AGAIN_S, self._say_again, key)
        self._last_words[key] = message

    def _say_again(self, key: tuple[str, type[RelayMessage], str]) -> None:
        message = self._last_words.pop(key, None)
        if message is not None and self._is_open:
            self._queue(key[0], message)

    def _queue(self, channel: str, message: RelayMessage) -> None:
        try:
            self._messages.put_nowait((channel, message))
        except asyncio.QueueFull:
            self._metrics.drop(Drop.BUS_BACKLOG)

    # --- tasks

    async def _read_forever(self, on_request: OnRequest) -> None:
        """Hand over requests in order, each once: first what waits, then what comes."""
        stream = requests_key(self._relay)
        while self._is_open:
            try:
                answer = await self._redis.xread(
                    {stream: self._read_to}, count=BATCH, block=BLOCK_MS
                )
            except LOST as error:
                log.warning("Redis is away (%s); trying again.", error)
                await asyncio.sleep(RETRY_S)
                continue
            streams = cast("list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]", answer)
            if not streams:
                continue
            for name, fields in streams[0][1]:
                self._read_to = name
                await asyncio.sleep(0)  # A hundred joins at once must not keep the sound waiting.
                try:
                    await on_request(fields.get(b"json", b""))
                except Exception:
                    # A mistake of ours costs this request, not the relay.
                    self._metrics.drop(Drop.PEER_ERROR)
                    log.exception("A request broke its handler")
            await asyncio.sleep(GATHER_S)

    async def _write_forever(self) -> None:
        """Send messages in order, all that wait in one round trip."""
        while self._is_open:
            messages = [await self._messages.get()]
            while len(messages) < BATCH and not self._messages.empty():
                messages.append(self._messages.get_nowait())
            try:
                async with asyncio.timeout(MESSAGE_S):
                    await self._until_it_works(partial(self._publish, messages))
            except TimeoutError:
                self._metrics.drops[Drop.BUS_BACKLOG] += len(messages)
            finally:
                for _ in messages:
                    self._messages.task_done()
            await asyncio.sleep(GATHER_S)

    async def _publish(self, messages: list[tuple[str, RelayMessage]]) -> None:
        """Do what the layer's `send` and `group_send` do, but in one round trip."""
        # A new one for each try: a pipeline forgets its commands also when it fails.
        pipe = self._redis.pipeline(transaction=False)
        for channel, message in messages:
            pipe.publish(channel, self._layer.serialize(encode_message(message)))
        await pipe.execute()

    async def _beat_forever(self, node: Callable[[], Node]) -> None:
        while self._is_open:
            await asyncio.sleep(HEARTBEAT_S)
            try:
                await self._beat(node())
            except LOST:
                log.warning("Redis did not take the heartbeat.")

    async def _beat(self, node: Node) -> None:
        now = time()
        pipe = self._redis.pipeline(transaction=False)
        pipe.zadd(NODES_KEY, {node.relay: now})
        # Relays that were killed take nobody out but themselves, so the living do.
        pipe.zremrangebyscore(NODES_KEY, 0, now - 10 * NODE_DEAD_S)
        pipe.set(node_key(node.relay), encode(node), ex=NODE_DEAD_S)
        pipe.xtrim(requests_key(node.relay), minid=self._read_to, approximate=False)
        pipe.expire(requests_key(node.relay), STREAM_S)
        await pipe.execute()

    async def _until_it_works(self, act: Callable[[], Awaitable[object]]) -> None:
        while self._is_open:
            try:
                await act()
            except LOST:
                await asyncio.sleep(RETRY_S)
                continue
            return
