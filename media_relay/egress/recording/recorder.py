"""Writes one Space's talk into a segment of its recording, from start to stop, and only from those
who consented.
"""

import asyncio
import errno
import json
import logging
import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import Literal

import msgspec

from media_relay.egress.clock import Clock
from media_relay.egress.recording.log import RecordKind, Segment, segment_path
from media_relay.egress.recording.pictures import Arrived, PictureHold
from media_relay.egress.slot_map import SCREEN, VIDEO, SlotMap
from media_relay.protocol.egress import MAX_NOTE_BYTES, Caption, RecordingStatus
from media_relay.protocol.relay import AUDIO_SLOTS

FLUSH_S = 1.0  # What a crash may cost, of the 10 s of RULES §8.
MIN_FREE_BYTES = 64 << 20  # The disk is not ours alone: the database must go on.
# A minute of everything; a disk that takes nothing for so long has failed.
MAX_WAITING_BYTES = 32 << 20
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_ENTRY = Struct("!BH")
_PICTURES = {"video": VIDEO, "screen": SCREEN}
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
        self._holds = {slot: PictureHold() for slot in _PICTURES.values()}
        self._written = SlotMap().as_message()  # Who is in the slots by the log.
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
        begin = {"space": space, "recording": self.recording, "egress": self._egress}
        self._append(RecordKind.BEGIN, json.dumps(begin).encode(), self._begun_us)
        self.on_assigned()
        self._flusher = asyncio.create_task(
            self._flush_forever(), name=f"recorder {self.recording}"
        )
        self._on_status(self.status)

    async def stop(self, reason: str) -> None:
        """Bring all to the disk and close the segment; `reason` as in `log`."""
        if self._segment is None or self._flusher is None:
            return
        for slot, hold in self._holds.items():
            self._write_pictures(slot, hold.release())
        self._append(RecordKind.END, json.dumps({"reason": reason}).encode(), self._clock())
        self._stopping.set()
        await self._flusher
        self._segment.close()
        if self.is_recording:
            self._state = "stopped"
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
        now = self._slots.as_message()
        for name, slot in _PICTURES.items():
            held = self._holds[slot].release()
            if held and now[name] != self._written[name]:
                self._written = {**self._written, name: now[name]}
                self._append(RecordKind.ASSIGNED, json.dumps(self._written).encode(), held[0][0])
            self._write_pictures(slot, held)
        if now == self._written and self._has_begun:
            return
        self._written, self._has_begun = now, True
        self._append(RecordKind.ASSIGNED, json.dumps(now).encode(), self._clock())

    def on_caption(self, caption: Caption) -> None:
        if caption.final and caption.text and caption.participant in self.consented:
            self._append(
                RecordKind.CAPTION,
                json.dumps(msgspec.structs.asdict(caption)).encode(),
                self._clock(),
            )

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
            if self._user_in(slot) in self.consented
        ]
        if allowed:
            self._append(kind, b"".join(allowed), at_us)

    def _user_in(self, slot: int) -> str | None:
        """Return who is in a slot by what the log says so far."""
        if slot < AUDIO_SLOTS:
            user: str | None = self._written["audio"][slot]
            return user
        name = next((name for name, number in _PICTURES.items() if number == slot), None)
        return self._written[name] if name is not None else None

    # --- the disk

    def _append(self, kind: RecordKind, content: bytes, at_us: int) -> None:
        if self._segment is None or not self.is_recording:
            return
        self._ended_us = max(self._ended_us, at_us)
        self._segment.append(kind, content, at_us)

    async def _flush_forever(self) -> None:
        """Ends with `stop`, never in the middle of a write."""
        while self.is_recording:
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await self._stopping.wait()
            await self._flush()
            if self._stopping.is_set():
                return

    async def _flush(self) -> None:
        if self._segment is None or not self.is_recording:
            return
        self._ended_us = self._clock()
        for slot, hold in self._holds.items():
            self._write_pictures(slot, hold.overdue(self._ended_us))
        data = self._segment.take()
        try:
            self._require_space()
            await asyncio.to_thread(self._segment.write, data)
            if self._segment.waiting_bytes > MAX_WAITING_BYTES:
                raise OSError(errno.EIO, "The disk is too slow.")
        except OSError as error:
            self._fail(error)

    def _require_space(self) -> None:
        home = next(folder for folder in (self._folder, *self._folder.parents) if folder.exists())
        if shutil.disk_usage(home).free < MIN_FREE_BYTES:
            raise OSError(errno.ENOSPC, "The disk is nearly full.")

    def _fail(self, error: OSError) -> None:
        log.error("Recording %s ends: %s", self.recording, error)
        self._state = "failed"
        self._reason = "disk_full" if error.errno in FULL else "disk_error"
        self._on_status(self.status)
