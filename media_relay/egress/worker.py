"""One egress process: finds what is wanted, leases it, serves it, and lets go of it."""

import asyncio
import logging
import signal
import time
from contextlib import suppress
from importlib.util import find_spec
from typing import cast

import redis.asyncio

from media_relay.egress.captions.pool import Pool
from media_relay.egress.clock import steady
from media_relay.egress.config import EgressConfig
from media_relay.egress.lease import Lease
from media_relay.egress.space_session import EgressContext, SpaceSession
from media_relay.errors import ProtocolError
from media_relay.protocol.egress import (
    EGRESS_CHANGED,
    EGRESS_NODES_KEY,
    EGRESS_SPACES_KEY,
    Wanted,
    parse_wanted,
    wanted_key,
)
from media_relay.redis.cascade import LOST

LOOK_S = 1.0  # A dead egress is missed LEASE_S + this after its last word at most.
RETRY_S = 0.2
FORGOTTEN_S = 60
YIELD_S = 0.05  # For each Space served already: whoever has least to do is first at a new one.
MOST_YIELD_S = 0.5
ANSWER_S = 15
# A `Wanted` that is gone without a word is lost, as after a restart of Redis; the web's sweep
# brings it back.
ABSENT_S = 15.0

log = logging.getLogger(__name__)


class Worker:
    """Owns the sessions of the Spaces served here.

    Costs one small request to Redis a second while nobody wants anything, the relay nothing.
    """

    def __init__(self, config: EgressConfig) -> None:
        self._config = config
        self._redis = redis.asyncio.Redis.from_url(
            config.redis_url, socket_timeout=ANSWER_S, socket_connect_timeout=RETRY_S * 10
        )
        self._pool = Pool(config.caption_model, config.caption_processes)
        self._context = EgressContext(
            self._redis,
            config.egress,
            config.recordings,
            config.caption_model,
            self._pool,
            steady(),
        )
        self._sessions: dict[str, SpaceSession] = {}
        self._leases: dict[str, Lease] = {}
        # The newest `Wanted` of each Space served, and when it was read.
        self._newest: dict[str, tuple[Wanted, float]] = {}
        self._named: set[str] = set()  # Spaces that something was said of since the last look.
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, then hand everything over and end."""

        def stop() -> None:
            self._stopping.set()
            self._news.set()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        listener = asyncio.create_task(self._listen(), name="egress news")
        if self._config.caption_model and not find_spec("faster_whisper"):
            log.warning(
                "CAPTION_MODEL is set, but faster-whisper is missing: "
                "pip install faster-whisper==1.2.1"
            )
        log.info("Egress %s is ready.", self._config.egress)
        try:
            while not self._stopping.is_set():
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await self._news.wait()
                self._news.clear()
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
            # Others may have our Spaces at once: `_close` gives back only what nobody wants.
            leases = list(self._leases.values())
            await asyncio.gather(
                *(self._close(space, "handed_over") for space in list(self._sessions))
            )
            with suppress(*LOST):
                for lease in leases:
                    await lease.give_back()
                await self._redis.zrem(EGRESS_NODES_KEY, self._config.egress)
            # After the sessions: until they are closed their captions have lanes in it.
            await self._pool.close()
            await self._redis.aclose()

    async def _listen(self) -> None:
        """Wake up when something is wanted; what exactly is read from Redis."""
        # redis-py loses a cancellation now and then; then it ends by this.
        while not self._stopping.is_set():
            pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
            try:
                await pubsub.subscribe(EGRESS_CHANGED)
                while not self._stopping.is_set():
                    message = await pubsub.get_message(timeout=LOOK_S)
                    if message is not None:
                        self._named.add(message["data"].decode(errors="replace"))
                        self._news.set()
            except LOST:
                await asyncio.sleep(RETRY_S)
            finally:
                with suppress(*LOST):
                    # redis-py leaves it without types.
                    await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _look(self) -> None:
        """Bring what is served in line with what is wanted, and say that we live."""
        try:
            now = time.time()
            pipe = self._redis.pipeline(transaction=False)
            pipe.zadd(EGRESS_NODES_KEY, {self._config.egress: now})
            pipe.zremrangebyscore(EGRESS_NODES_KEY, 0, now - FORGOTTEN_S)
            await pipe.execute()
            named, self._named = self._named, set()
            told = self._with_absent(await self._read_wanted(), named)
            served = {
                space: wanted
                for space, wanted in told.items()
                if wanted.captions or wanted.recording is not None
            }
            for space in [*self._sessions]:
                if space not in served:
                    await self._close(space, "stopped")
            for space, wanted in served.items():
                await self._serve(space, wanted)
            self._pool.tick()
        except LOST as error:
            log.warning("Redis is away (%s).", error)
            for space, lease in list(self._leases.items()):
                if not lease.is_held:
                    await self._close(space, "handed_over")

    async def _read_wanted(self) -> dict[str, Wanted]:
        """Return what is said about any Space; what cannot be read wants nothing."""
        members = cast("set[bytes]", await self._redis.smembers(EGRESS_SPACES_KEY))
        spaces = sorted(member.decode() for member in members)
        texts = await self._redis.mget([wanted_key(space) for space in spaces]) if spaces else []
        found: dict[str, Wanted] = {}
        for space, text in zip(spaces, texts, strict=True):
            if text is None:
                await self._redis.srem(EGRESS_SPACES_KEY, space)
                continue
            try:
                wanted = parse_wanted(text)
            except ProtocolError as error:
                log.error("What is wanted in Space %s cannot be read: %s", space, error.text)
                wanted = Wanted(space)
            found[space] = wanted if wanted.space == space else Wanted(space)
        return found

    def _with_absent(self, told: dict[str, Wanted], named: set[str]) -> dict[str, Wanted]:
        """Add what was wanted in Spaces served here and has just vanished; a Space whose `Wanted`
        the web deleted was named.
        """
        now_s = time.monotonic()
        self._newest.update({space: (wanted, now_s) for space, wanted in told.items()})
        for space, (wanted, read_s) in list(self._newest.items()):
            if space in told:
                continue
            if space in self._sessions and space not in named and now_s - read_s < ABSENT_S:
                told[space] = wanted
            else:
                del self._newest[space]
        return told

    async def _serve(self, space: str, wanted: Wanted) -> None:
        lease = self._leases.get(space) or Lease(self._redis, space, self._config.egress)
        if space not in self._sessions:
            await asyncio.sleep(min(len(self._sessions) * YIELD_S, MOST_YIELD_S))
        if space in self._sessions and not lease.is_held:
            # We slept; what came meanwhile may be somebody else's to write.
            await self._close(space, "handed_over")
        if not await lease.take():
            if space in self._sessions:
                await self._close(space, "handed_over")
            return
        if space not in self._sessions:
            log.info("Space %s is served here.", space)
            self._leases[space] = lease
            self._sessions[space] = SpaceSession(self._context, space, lambda: lease.is_held)
        await self._sessions[space].want(wanted)

    async def _close(self, space: str, reason: str) -> None:
        log.info("Space %s is not served here any more (%s).", space, reason)
        await self._sessions.pop(space).close(reason)
        lease = self._leases.pop(space)
        # One that is handed over may be another egress's already.
        if reason == "stopped":
            await lease.give_back()
