"""Writes one Space's talk into a segment of its recording, from start to stop, and only from those
who consented.
"""

import asyncio
import errno
import logging
import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import Literal

from msgspec.structs import replace

from media_relay.egress.clock import Clock
from media_relay.egress.recording.log import (
    LoggedCaption,
    RecordKind,
    Segment,
    SegmentBegin,
    SegmentEnd,
    segment_path,
)
from media_relay.egress.recording.pictures import Arrived, PictureHold
from media_relay.egress.slot_map import NOBODY, SCREEN, VIDEO, SlotMap
from media_relay.protocol.egress import MAX_NOTE_BYTES, Caption, RecordingStatus
from media_relay.protocol.encoding import encode

FLUSH_S = 1.0  # What a crash may cost, of the 10 s of RULES §8.
MIN_FREE_BYTES = 64 << 20  # The disk is not ours alone: the database must go on.
# A minute of everything; a disk that takes nothing for so long has failed.
MAX_WAITING_BYTES = 32 << 20
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_ENTRY = Struct("!BH")
log = logging.getLogger(__name__)


class Recorder:
    """`on_status` hears of every change.

    After a failure it writes nothing more and stays failed.
    """

    def __init__(
        self,
        folder: Path,
        egress: str,
        clock: Clock,
        slots: SlotMap,
        on_status: Callable[[RecordingStatus], None],
    ) -> None:
        self.recording = folder.name
        self.consented: frozenset[str] = frozenset()
        self._folder = folder
        self._egress = egress
        self._clock = clock
        self._slots = slots
        self._on_status = on_status
        self._state: Literal["recording", "stopped", "failed"] = "recording"
        self._reason = ""
        self._begun_us = self._ended_us = clock()
        self._segment: Segment | None = None
        self._flusher: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._holds = {slot: PictureHold() for slot in (VIDEO, SCREEN)}
        self._written = NOBODY  # Who is in the slots by the log.
        self._has_begun = False

    @property
    def status(self) -> RecordingStatus:
        size = self._segment.size_bytes if self._segment else 0
        return RecordingStatus(
            self.recording,
            self._state,
            self._reason,
            (self._ended_us - self._begun_us) // 1000,
            size,
        )

    @property
    def is_recording(self) -> bool:
        return self._state == "recording"

    async def start(self, space: str, consented: Collection[str]) -> None:
        """Open the segment and begin with who is in the slots now.

        A disk that is full shows in `status`.
        """
        self.consented = frozenset(consented)
        try:
            self._require_space()
            path = segment_path(self._folder, self._begun_us, self._egress)
            self._segment = await asyncio.to_thread(Segment, path)
        except OSError as error:
            self._fail(error)
            return
        begin = SegmentBegin(space, self.recording, self._egress)
        self._append(RecordKind.BEGIN, encode(begin), self._begun_us)
        self.on_assigned()
        self._flusher = asyncio.create_task(
            self._flush_forever(self._segment), name=f"recorder {self.recording}"
        )
        self._on_status(self.status)

    async def stop(self, reason: str) -> None:
        """Bring all to the disk and close the segment; `reason` as in `log`."""
        if self._segment is None or self._flusher is None:
            return
        for slot, hold in self._holds.items():
            self._write_pictures(slot, hold.release())
        self._append(RecordKind.END, encode(SegmentEnd(reason)), self._clock())
        self._stopping.set()
        await self._flusher
        self._segment.close()
        if self.is_recording:
            self._state = "stopped"
        # Handed over, the recording goes on elsewhere; "stopped" would have the web render it.
        if reason == "stopped":
            self._on_status(self.status)

    # --- what there is to record

    def on_packets(self, entries: Sequence[tuple[int, bytes]]) -> None:
        """Take packets of slots; those of people without consent are left out.

        Raises ValueError for nonsense.
        """
        now_us = self._clock()
        sound = [(slot, packet) for slot, packet in entries if slot not in self._holds]
        self._write_entries(RecordKind.PACKETS, sound, now_us)
        for slot, packet in entries:
            if slot in self._holds:
                self._write_pictures(slot, self._holds[slot].put(packet, now_us))

    def on_reports(self, entries: Sequence[tuple[int, bytes]]) -> None:
        self._write_entries(RecordKind.REPORTS, entries, self._clock())

    def on_assigned(self) -> None:
        """Write who is in the slots.

        A new picture's first packets came before: they get its name, too.
        """
        now = self._slots.users
        for slot, hold in self._holds.items():
            held = hold.release()
            if held and now.user_in(slot) != self._written.user_in(slot):
                self._written = (
                    replace(self._written, video=now.video)
                    if slot == VIDEO
                    else replace(self._written, screen=now.screen)
                )
                self._append(RecordKind.ASSIGNED, encode(self._written), held[0][0])
            self._write_pictures(slot, held)
        if now == self._written and self._has_begun:
            return
        self._written, self._has_begun = now, True
        self._append(RecordKind.ASSIGNED, encode(now), self._clock())

    def on_caption(self, caption: Caption) -> None:
        if caption.final and caption.text and caption.participant in self.consented:
            line = LoggedCaption(
                caption.participant, caption.id, caption.text, caption.final, caption.start_ms
            )
            self._append(RecordKind.CAPTION, encode(line), self._clock())

    def on_note(self, note: bytes) -> None:
        if len(note) <= MAX_NOTE_BYTES:
            self._append(RecordKind.NOTE, note, self._clock())

    def _write_pictures(self, slot: int, arrived: Sequence[Arrived]) -> None:
        for at_us, packet in arrived:
            self._write_entries(RecordKind.PACKETS, [(slot, packet)], at_us)

    def _write_entries(
        self, kind: RecordKind, entries: Sequence[tuple[int, bytes]], at_us: int
    ) -> None:
        allowed = [
            _ENTRY.pack(slot, len(data)) + data
            for slot, data in entries
            if self._written.user_in(slot) in self.consented
        ]
        if allowed:
            self._append(kind, b"".join(allowed), at_us)

    # --- the disk

    def _append(self, kind: RecordKind, content: bytes, at_us: int) -> None:
        if self._segment is None or not self.is_recording:
            return
        # Pictures that were held come with the time of their arrival, which is over.
        self._ended_us = max(self._ended_us, at_us)
        self._segment.append(kind, content, at_us)

    async def _flush_forever(self, segment: Segment) -> None:
        """Ends with `stop` or a failure, never in the middle of a write."""
        while self.is_recording:
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await self._stopping.wait()
            # Asked before the write: what is appended during it, the end too, is for a next turn.
            is_last = self._stopping.is_set()
            self._ended_us = self._clock()
            for slot, hold in self._holds.items():
                self._write_pictures(slot, hold.overdue(self._ended_us))
            data = segment.take()
            try:
                self._require_space()
                await asyncio.to_thread(segment.write, data)
                if segment.waiting_bytes > MAX_WAITING_BYTES:
                    raise OSError(errno.EIO, "The disk is too slow.")
            except OSError as error:
                self._fail(error)
            if is_last:
                return

    def may_go_on(self) -> bool:
        """False while the disk has no more room than when it failed for that."""
        try:
            self._require_space()
        except OSError:
            return False
        return True

    def _require_space(self) -> None:
        # The folder of a recording is made with its first segment.
        home = next(folder for folder in (self._folder, *self._folder.parents) if folder.exists())
        if shutil.disk_usage(home).free < MIN_FREE_BYTES:
            raise OSError(errno.ENOSPC, "The disk is nearly full.")

    def _fail(self, error: OSError) -> None:
        log.error("Recording %s ends: %s", self.recording, error)
        self._state = "failed"
        self._reason = "disk_full" if error.errno in FULL else "disk_error"
        self._on_status(self.status)
