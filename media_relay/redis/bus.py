"""Redis: requests come in by the relay's stream, notices go out by the channel layer, a heartbeat
says that we live.

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
    Node,
    RelayMessage,
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
BACKLOG = 10_000  # Notices that wait for Redis to come back.
NOTICE_S = 5  # A notice that could not be sent for so long is stale.
STREAM_S = 60  # The stream of a relay that was killed goes by itself.
LOST = (RedisError, OSError)

Notice = tuple[str, RelayMessage]  # Channel or group, as the layer names it in Redis.
OnRequest = Callable[[bytes], Awaitable[None]]

log = logging.getLogger(__name__)


class Bus:
    """Owns three tasks: reader, writer and heart. Implements `context.WebMessenger`."""

    def __init__(self, url: str, relay: str, metrics: Metrics) -> None:
        self._relay = relay
        self._metrics = metrics
        # By default redis-py looks its own version up among the installed packages at each
        # connection, which keeps the sound waiting.
        self._redis = redis.asyncio.Redis.from_url(
            url, socket_timeout=ANSWER_S, socket_connect_timeout=NOTICE_S, driver_info=None
        )
        self._layer = RedisPubSubChannelLayer(hosts=[{"address": url, "socket_timeout": None}])
        self._notices: asyncio.Queue[Notice] = asyncio.Queue(BACKLOG)
        self._read_to: bytes | str = "0"  # The newest entry that was handed over.
        self._tasks: list[asyncio.Task[None]] = []
        self._is_open = True

    @property
    def redis(self) -> redis.asyncio.Redis:
        return self._redis

    async def start(self, on_request: OnRequest, node: Callable[[], Node]) -> None:
        """Say that we live, and begin to read. Returns when the first heartbeat is in Redis."""
        # A name that is kept over restarts lives again.
        await self._until_it_works(lambda: self._redis.delete(gone_key(self._relay)))
        await self._until_it_works(lambda: self._beat(node()))
        self._tasks = [
            asyncio.create_task(self._read(on_request), name="bus reader"),
            asyncio.create_task(self._write(), name="bus writer"),
            asyncio.create_task(self._live(node), name="bus heart"),
        ]

    async def beat(self, node: Node) -> None:
        """Tell what has changed without waiting for the next heartbeat."""
        with suppress(*LOST):
            await self._beat(node)

    async def flush_messages(self) -> None:
        """Wait until all notices have gone out."""
        await self._notices.join()

    async def stop(self) -> None:
        """Say close_notify and end the tasks."""
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
        try:
            self._notices.put_nowait((channel, message))
        except asyncio.QueueFull:
            self._metrics.drop(Drop.BUS_BACKLOG)

    # --- tasks

    async def _read(self, on_request: OnRequest) -> None:
        """Hand over requests in order, each once: first what waits, then what comes."""
        while self._is_open:
            try:
                entries = await self._next()
            except LOST as error:
                log.warning("Redis is away (%s); trying again.", error)
                await asyncio.sleep(RETRY_S)
                continue
            for name, fields in entries:
                self._read_to = name
                await asyncio.sleep(0)  # A hundred joins at once must not keep the sound waiting.
                await self._hand_over(on_request, fields.get(b"json", b""))
            if entries:
                await asyncio.sleep(GATHER_S)

    async def _next(self) -> list[tuple[bytes, dict[bytes, bytes]]]:
        answer = await self._redis.xread(
            {requests_key(self._relay): self._read_to}, count=BATCH, block=BLOCK_MS
        )
        streams = cast("list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]", answer)
        return streams[0][1] if streams else []

    async def _hand_over(self, on_request: OnRequest, text: bytes) -> None:
        try:
            await on_request(text)
        except Exception:
            # A mistake of ours costs this request, not the relay.
            self._metrics.drop(Drop.PEER_ERROR)
            log.exception("A request broke its handler")

    async def _write(self) -> None:
        """Send notices in order, all that wait in one go."""
        while self._is_open:
            notices = [await self._notices.get()]
            while len(notices) < BATCH and not self._notices.empty():
                notices.append(self._notices.get_nowait())
            try:
                async with asyncio.timeout(NOTICE_S):
                    await self._until_it_works(partial(self._publish, notices))
            except TimeoutError:
                self._metrics.drops[Drop.BUS_BACKLOG] += len(notices)
            finally:
                for _ in notices:
                    self._notices.task_done()
            await asyncio.sleep(GATHER_S)

    async def _publish(self, notices: list[Notice]) -> None:
        """Do what the layer's `send` and `group_send` do, but in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for channel, message in notices:
            pipe.publish(channel, self._layer.serialize(encode_message(message)))
        await pipe.execute()

    async def _live(self, node: Callable[[], Node]) -> None:
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
