"""The slot packets of one Space from Redis, as another relay reads them (see
`media_relay.redis.cascade`).
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import redis.asyncio

from media_relay.egress.slot_map import SlotUsers, parse_users
from media_relay.errors import ProtocolError
from media_relay.protocol.egress import notes_channel
from media_relay.protocol.relay import feedback_channel, slots_channel
from media_relay.redis.cascade import ASSIGNED, HELLO, KEY_FRAME, LOST, PACKETS, REPORTS, entries

RETRY_S = 0.2
POLL_S = 1.0
# A home that began while nobody spoke is greeted by this; it costs one message.
HELLO_EVERY_S = 5.0

log = logging.getLogger(__name__)


class FeedListener(Protocol):
    """Gets what the home says, in its order. May raise ValueError for nonsense."""

    def on_packets(self, entries: Sequence[tuple[int, bytes]]) -> None: ...

    def on_reports(self, entries: Sequence[tuple[int, bytes]]) -> None: ...

    def on_assigned(self, users: SlotUsers) -> None: ...

    def on_note(self, note: bytes) -> None: ...


class Feed:
    """Owns one task.

    While it runs the home publishes; it stops a moment after the last reader has gone.
    """

    def __init__(self, link: redis.asyncio.Redis, space: str, listener: FeedListener) -> None:
        self._redis = link
        self._slots = slots_channel(space).encode()
        self._notes = notes_channel(space).encode()
        self._feedback = feedback_channel(space)
        self._listener = listener
        self._is_open = True
        self._heard_s = 0.0
        self._task = asyncio.create_task(self._run(), name=f"feed {space}")

    async def stop(self) -> None:
        # redis-py loses a cancellation now and then; then the loop ends by this.
        self._is_open = False
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while self._is_open:
            pubsub = self._redis.pubsub()
            try:
                await pubsub.subscribe(self._slots, self._notes)
                while self._is_open:
                    message = await pubsub.get_message(timeout=POLL_S)
                    if message is not None and message["type"] == "message":
                        self._heard_s = time.monotonic()
                        self._take(message["channel"], message["data"])
                    elif message is not None and message["channel"] == self._slots:
                        # Only now that Redis has us in its list is an answer sure to come here.
                        await self._greet()
                    elif time.monotonic() - self._heard_s > HELLO_EVERY_S:
                        await self._greet()
            except LOST as error:
                log.warning("Redis is away (%s); a Space is not heard.", error)
                await asyncio.sleep(RETRY_S)
            finally:
                with suppress(*LOST):
                    # redis-py leaves it without types.
                    await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def greet(self) -> None:
        """Have the home say who is in the slots, and send key frames: somebody begins to look at
        what comes here.
        """
        with suppress(*LOST):
            await self._greet()

    async def ask_key_frame(self, slot: int) -> None:
        with suppress(*LOST):
            await self._redis.publish(self._feedback, KEY_FRAME + bytes((slot,)))

    async def _greet(self) -> None:
        self._heard_s = time.monotonic()
        await self._redis.publish(self._feedback, HELLO)

    def _take(self, channel: bytes, data: bytes) -> None:
        try:
            if channel == self._notes:
                self._listener.on_note(data)
            elif data[:1] == PACKETS:
                self._listener.on_packets(list(entries(data)))
            elif data[:1] == REPORTS:
                self._listener.on_reports(list(entries(data)))
            elif data[:1] == ASSIGNED:
                self._listener.on_assigned(parse_users(data[1:]))
        except (ProtocolError, ValueError, RecursionError):
            pass  # What cannot be read is left out; those that follow stand by themselves.
