"""RTP packets that look like speech and camera but carry a send time, for a publisher without
codecs.
"""

import struct
import time
from dataclasses import dataclass, field

from tests.bench.sdp import AUDIO_LEVEL_URI, MID_URI, Section

OPUS_STEP = 960  # 20 ms at 48 kHz.
VP8_CLOCK = 90_000
# Wall-clock nanoseconds, at the end of the payload; wall clock because SO_TIMESTAMPNS is.
STAMP = struct.Struct("!Q")


def header_extension(elements: list[tuple[int, bytes]]) -> bytes:
    """Return a one-byte-header extension block (RFC 8285 §4.2), with its four-byte head."""
    body = b"".join(bytes([(number << 4) | (len(data) - 1)]) + data for number, data in elements)
    body += bytes(-len(body) % 4)
    return struct.pack("!HH", 0xBEDE, len(body) // 4) + body


def stamp_of(packet: bytes) -> int:
    """Return the send time in a packet of ours, in nanoseconds.

    The relay may have added padding after it.
    """
    end = len(packet) - (packet[-1] if packet[0] & 0x20 else 0)
    return int(STAMP.unpack_from(packet, end - STAMP.size)[0])


@dataclass
class Stream:
    """A sequence of RTP packets of one SSRC, as one publisher's track would make."""

    section: Section
    ssrc: int
    sequence: int = 1000
    timestamp_rtp: int = 0
    sent: int = 0
    picture: int = 0
    _mid: list[tuple[int, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        number = self.section.extensions.get(MID_URI)
        self._mid = [(number, self.section.mid.encode())] if number else []

    def speech(self, size: int = 80, level_dbov: int | None = -25) -> bytes:
        """Return the next 20 ms of "Opus"; a `level_dbov` of None leaves the level extension out."""
        number = self.section.extensions.get(AUDIO_LEVEL_URI)
        elements = list(self._mid)
        if number and level_dbov is not None:
            elements.append((number, bytes([0x80 | -level_dbov])))
        packet = self._packet(
            bytes(range(256))[: size - STAMP.size], elements, marker=self.sent == 0
        )
        self.timestamp_rtp += OPUS_STEP
        return packet

    def silence(self) -> bytes:
        """Return a packet as a muted or quiet microphone sends it: level −127 dBov, no voice."""
        number = self.section.extensions.get(AUDIO_LEVEL_URI)
        elements = [*self._mid, *([(number, bytes([127]))] if number else [])]
        packet = self._packet(b"\xf8\xff\xfe", elements, marker=False)
        self.timestamp_rtp += OPUS_STEP
        return packet

    def frame(self, packets: int, size: int, key: bool, rate: float = 30.0) -> list[bytes]:
        """Return the packets of one "VP8" frame, `size` payload bytes each."""
        made = []
        for index in range(packets):
            body = _vp8_payload(self.picture, start=index == 0, key=key)
            body += bytes(size - len(body) - STAMP.size)
            made.append(self._packet(body, self._mid, marker=index == packets - 1))
        self.picture = (self.picture + 1) & 0x7FFF
        self.timestamp_rtp = (self.timestamp_rtp + round(VP8_CLOCK / rate)) & 0xFFFFFFFF
        return made

    def _packet(self, body: bytes, elements: list[tuple[int, bytes]], marker: bool) -> bytes:
        extension = header_extension(elements) if elements else b""
        first = 0x90 if elements else 0x80
        second = self.section.media_type | (0x80 if marker else 0)
        head = struct.pack(
            "!BBHII", first, second, self.sequence, self.timestamp_rtp & 0xFFFFFFFF, self.ssrc
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.sent += 1
        return head + extension + body + STAMP.pack(time.time_ns())


def _vp8_payload(picture: int, start: bool, key: bool) -> bytes:
    """Return a VP8 payload descriptor with a 15-bit picture id (RFC 7741 §4.2) and the head of a
    frame.

     0 1 2 3 4 5 6 7
    |X|R|N|S|R| PID |   X: extended, S: start of a partition
    |I|L|T|K| RSV   |   I: picture id present
    |M| PictureID   |   M: 15 bits
    |   PictureID   |
    """
    descriptor = struct.pack("!BBH", 0x90 if start else 0x80, 0x80, 0x8000 | picture)
    if not start:
        return descriptor
    if not key:
        return descriptor + b"\x31\x00\x00"  # Bit 0 set: an interframe (RFC 6386 §9.1).
    return descriptor + b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", 1280, 720)
