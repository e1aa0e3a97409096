"""Serves one Space while this egress has its lease: one feed, captions and a recording if they are
wanted.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import redis.asyncio

from media_relay.egress.captions.captioner import Captioner
from media_relay.egress.captions.pool import Pool
from media_relay.egress.clock import Clock
from media_relay.egress.feed import Feed
from media_relay.egress.recording.pictures import PictureWatch
from media_relay.egress.recording.recorder import Recorder
from media_relay.egress.slot_map import SlotMap, SlotUsers
from media_relay.protocol.egress import (
    Caption,
    CaptionStatus,
    RecordingStatus,
    Wanted,
    captions_channel,
)
from media_relay.protocol.encoding import encode
from media_relay.protocol.relay import AUDIO_SLOTS
from media_relay.redis.cascade import LOST

TICK_S = 0.1
STATUS_EVERY_S = 2.0
# The web takes a recording for paused that it does not hear of for 3.5 s.
RECORDING_STATUS_EVERY_S = 1.0
RETRY_S = 2.0  # After a failure of the disk.
# A line's last word is said once more, in case it was lost: all others have another after them.
SAY_AGAIN_S = 5.0
BACKLOG = 200  # Lines that wait for Redis; older ones are stale.

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EgressContext:
    """What all sessions of a process share."""

    redis: redis.asyncio.Redis
    egress: str
    recordings: Path
    model: str
    pool: Pool
    clock: Clock


class SpaceSession:
    """Implements `feed.FeedListener`.

    `may_speak` is the lease: without it nothing is said or written in our name.
    """

    def __init__(self, context: EgressContext, space: str, may_speak: Callable[[], bool]) -> None:
        self._context = context
        self._space = space
        self._may_speak = may_speak
        self._slots = SlotMap()
        self._captioner: Captioner | None = None
        self._recorder: Recorder | None = None
        self._watch = PictureWatch()
        self._asking: set[asyncio.Task[None]] = set()
        self._out: asyncio.Queue[bytes] = asyncio.Queue(BACKLOG)
        self._feed = Feed(context.redis, space, self)
        self._tasks = [
            asyncio.create_task(self._tick_forever(), name=f"ticks of {space}"),
            asyncio.create_task(self._say_forever(), name=f"messages of {space}"),
        ]

    async def want(self, wanted: Wanted) -> None:
        """Do what the web wants now."""
        if wanted.captions and self._captioner is None:
            self._captioner = Captioner(
                self._context.pool,
                self._slots,
                self._on_caption,
                self._say,
                lambda: self._context.clock() // 1000,
            )
        if self._captioner is not None and wanted.captions:
            self._captioner.use(wanted.language, self._context.model)
        elif self._captioner is not None:
            self._captioner.stop()
            self._captioner = None
        if self._recorder is not None and self._recorder.recording != wanted.recording:
            await self._recorder.stop("stopped")
            self._recorder = None
        if self._recorder is not None:
            self._recorder.consented = frozenset(wanted.consented)
        elif wanted.recording is not None:
            folder = self._context.recordings / wanted.recording
            self._recorder = Recorder(
                folder, self._context.egress, self._context.clock, self._slots, self._say
            )
            self._watch = PictureWatch()
            await self._recorder.start(self._space, wanted.consented)
            await self._feed.greet()  # The pictures of this log begin with key frames of their own.

    async def close(self, reason: str) -> None:
        """Stop serving: the Space is somebody else's now ("handed_over"), or nobody wants it
        ("stopped").
        """
        await self._feed.stop()
        if self._captioner is not None:
            self._captioner.stop()
        if self._recorder is not None:
            await self._recorder.stop(reason)
        with suppress(TimeoutError):
            # The last words and statuses still go out, unless Redis is away.
            async with asyncio.timeout(1):
                await self._out.join()
        tasks = [*self._tasks, *self._asking]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what the home says

    def on_packets(self, entries: Sequence[tuple[int, bytes]]) -> None:
        if not self._may_speak():
            return
        if self._recorder is not None:
            self._recorder.on_packets(entries)
            now_ms = self._context.clock() // 1000
            for slot, packet in entries:
                if slot >= AUDIO_SLOTS and self._watch.needs_key_frame(slot, packet, now_ms):
                    task = asyncio.create_task(self._feed.ask_key_frame(slot), name="key frame")
                    self._asking.add(task)
                    task.add_done_callback(self._asking.discard)
        if self._captioner is not None:
            for slot, packet in entries:
                if slot < AUDIO_SLOTS:
                    self._captioner.on_packet(slot, packet)

    def on_reports(self, entries: Sequence[tuple[int, bytes]]) -> None:
        if self._recorder is not None and self._may_speak():
            self._recorder.on_reports(entries)

    def on_assigned(self, users: SlotUsers) -> None:
        self._slots.take(users)
        if self._captioner is not None:
            self._captioner.on_assigned()
        if self._recorder is not None and self._may_speak():
            self._recorder.on_assigned()

    def on_note(self, note: bytes) -> None:
        json.loads(note)  # What is in the log can be read back.
        if self._recorder is not None and self._may_speak():
            self._recorder.on_note(note)

    # --- inside

    def _on_caption(self, caption: Caption) -> None:
        if not self._may_speak():
            return
        if self._recorder is not None:
            self._recorder.on_caption(caption)
        self._say(caption)
        if caption.final:
            asyncio.get_running_loop().call_later(SAY_AGAIN_S, self._say_again, caption)

    def _say_again(self, caption: Caption) -> None:
        if self._may_speak():
            self._say(caption)

    def _say(self, message: Caption | CaptionStatus | RecordingStatus) -> None:
        if self._out.full():
            self._out.get_nowait()
            self._out.task_done()
        self._out.put_nowait(encode(message))

    async def _say_forever(self) -> None:
        while True:
            message = await self._out.get()
            with suppress(*LOST):
                await self._context.redis.publish(captions_channel(self._space), message)
            self._out.task_done()

    async def _tick_forever(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(TICK_S)
            ticks += 1
            if self._captioner is not None:
                self._captioner.tick()
            if not self._may_speak():
                continue
            if ticks % round(RETRY_S / TICK_S) == 0:
                await self._record_again()
            if self._captioner is not None and ticks % round(STATUS_EVERY_S / TICK_S) == 0:
                self._say(self._captioner.status)
            if self._recorder is not None and ticks % round(RECORDING_STATUS_EVERY_S / TICK_S) == 0:
                self._say(self._recorder.status)

    async def _record_again(self) -> None:
        """Go on with a recording that the disk has ended, in a new segment, if it takes it.

        The former segment has no end, by which the replay knows that there is a gap.
        """
        failed = self._recorder
        if failed is None or failed.is_recording or not failed.may_go_on():
            return
        await failed.stop("failed")
        again = Recorder(
            self._context.recordings / failed.recording,
            self._context.egress,
            self._context.clock,
            self._slots,
            self._say,
        )
        await again.start(self._space, failed.consented)
        # Meanwhile the web may have wanted something else.
        if not again.is_recording or self._recorder is not failed:
            await again.stop("failed")
            return
        self._recorder = again
        self._watch = PictureWatch()
        await self._feed.greet()
