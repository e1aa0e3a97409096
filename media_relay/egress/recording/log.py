"""The packet log of a recording: `DATA_DIR/recordings/<recording>/<started ms>-<egress>.log`, only
ever appended to.

    file    "PARLEY1\\n" record …
    record  kind u8 · length u32 · time u64, microseconds since the epoch · content

    B  JSON of `SegmentBegin`
    P  { slot u8, length u16, RTP packet } …      as on `relay:slots:<space>`
    S  { slot u8, length u16, sender report } …
    A  JSON of `SlotUsers`
    C  JSON of `LoggedCaption`
    N  JSON, a note as the web gave it
    E  JSON of `SegmentEnd`                       the orderly end

A process that dies leaves a record cut short at the end, and no E. Numbers are big-endian. What
a reader does not know in an object it ignores.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from struct import Struct

import msgspec

from media_relay.protocol.encoding import decode

MAGIC = b"PARLEY1\n"
MAX_CONTENT = 1 << 20  # A message of the relay holds a few packets; more is damage.
_HEAD = Struct("!cIQ")
_READ_BYTES = 1 << 20

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


class RecordKind(Enum):
    BEGIN = b"B"
    PACKETS = b"P"
    REPORTS = b"S"
    ASSIGNED = b"A"
    CAPTION = b"C"
    NOTE = b"N"
    END = b"E"


@dataclass(frozen=True, slots=True)
class LogRecord:
    """`at_us` is when it came, in microseconds since the epoch; `offset` the bytes of its file up
    to its end.
    """

    kind: RecordKind
    at_us: int
    content: bytes
    offset: int

    def json(self) -> dict[str, JsonValue]:
        """Return the object in it, {} for damage. For notes, which are the web's own."""
        try:
            value = json.loads(self.content)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


class SegmentBegin(msgspec.Struct, frozen=True):
    """Who writes what; for whoever looks at a log by hand."""

    space: str
    recording: str
    egress: str


class LoggedCaption(msgspec.Struct, frozen=True):
    """The fields of a final `Caption`, without the tag that it has as a message."""

    participant: str
    id: str
    text: str
    final: bool
    start_ms: int


class SegmentEnd(msgspec.Struct, frozen=True):
    """`reason` is "stopped", or "handed_over" to another egress."""

    reason: str


_CAPTION = msgspec.json.Decoder(LoggedCaption)
_END = msgspec.json.Decoder(SegmentEnd)


def parse_caption(content: bytes) -> LoggedCaption:
    """Return a line that was said. Raises ProtocolError."""
    return decode(_CAPTION, content)


def parse_end(content: bytes) -> SegmentEnd:
    """Return how a segment ended. Raises ProtocolError."""
    return decode(_END, content)


class Segment:
    """One file being written. Nothing is on disk before `flush`."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        # What people said is for no other account of this machine to read.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        # Never on in a file that is there: it may end within a record.
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._waiting = bytearray(MAGIC)
        self.size_bytes = 0

    @property
    def waiting_bytes(self) -> int:
        return len(self._waiting)

    def append(self, kind: RecordKind, content: bytes, at_us: int) -> None:
        self._waiting += _HEAD.pack(kind.value, len(content), at_us) + content

    def take(self) -> bytes:
        """Return what is to be written now; more may be appended meanwhile."""
        waiting, self._waiting = bytes(self._waiting), bytearray()
        return waiting

    def write(self, data: bytes) -> None:
        """Bring it to the disk, whole or not at all. Raises OSError."""
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)
        except OSError:
            # Half a record in the middle would hide all that follow.
            os.ftruncate(self._file, self.size_bytes)
            raise
        self.size_bytes += len(data)

    def close(self) -> None:
        os.close(self._file)


def segment_path(folder: Path, at_us: int, egress: str) -> Path:
    return folder / f"{at_us // 1000:014d}-{egress}.log"


def segments(folder: Path) -> list[Path]:
    """Return the segments of a recording, oldest first."""
    return sorted(folder.glob("*.log"))


def read(path: Path) -> Iterator[LogRecord]:
    """Yield the records of a segment up to its end, or to where it was cut. Raises OSError."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return
        offset, data, position = len(MAGIC), b"", 0
        while True:
            if len(data) - position >= _HEAD.size:
                letter, length, at_us = _HEAD.unpack_from(data, position)
                kind = _KINDS.get(letter)
                if kind is None or length > MAX_CONTENT:
                    return
                start = position + _HEAD.size
                if len(data) - start >= length:
                    position = start + length
                    offset += _HEAD.size + length
                    yield LogRecord(kind, at_us, data[start:position], offset)
                    continue
            more = file.read(_READ_BYTES)
            if not more:
                return  # Whoever wrote it died within this record.
            data, position = data[position:] + more, 0


_KINDS = {kind.value: kind for kind in RecordKind}
