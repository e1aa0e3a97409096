"""Writes the log of a recording as an egress would, from a home relay whose clock and delays are a
test's choice.
"""

import json
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from media_relay.egress.recording.log import RecordKind, Segment, segment_path
from media_relay.egress.slot_map import SCREEN, SLOTS, VIDEO
from media_relay.protocol.relay import AUDIO_SLOTS
from media_relay.rtcp.clocks import ntp_from_ms
from media_relay.rtcp.packets import encode_sender_report
from media_relay.signalling.codecs import OPUS, VP8_CAMERA, VP8_SCREEN
from tests.media_relay.egress.studio import Rtp

EPOCH_US = 1_700_000_000_000_000
HOME_MS = 5_000_000  # The home's monotonic clock at the begin.
ENTRY = struct.Struct("!BH")


@dataclass
class Tape:
    """Time is in milliseconds since the begin; `delay_ms` how long sound and picture take to the
    log, by slot kind.
    """

    folder: Path
    sound_delay_ms: float = 30
    picture_delay_ms: float = 30
    jitter_ms: float = 0
    ssrc: int = 1000
    home_ms: int = HOME_MS
    users: list[str | None] = field(default_factory=lambda: [None] * SLOTS)
    active: str | None = None
    _segment: Segment | None = None
    _random: random.Random = field(default_factory=lambda: random.Random(7))
    _pictures: int = 0
    _streams: dict[int, Rtp] = field(default_factory=dict)

    def begin(self, at_ms: float, egress: str = "egress-a") -> "Tape":
        self._segment = Segment(segment_path(self.folder, self._us(at_ms), egress))
        self.append(RecordKind.BEGIN, json.dumps({"egress": egress}).encode(), at_ms)
        self._say_users(at_ms)
        return self

    def again(self, at_ms: float) -> "Tape":
        """The recording goes on after a stop."""
        return replace(self, _segment=None).begin(at_ms, "b")

    def flush(self) -> None:
        assert self._segment is not None
        self._segment.write(self._segment.take())

    def end(self, at_ms: float, reason: str = "stopped") -> None:
        self.append(RecordKind.END, json.dumps({"reason": reason}).encode(), at_ms)
        self.die()

    def die(self) -> None:
        """The process is gone without an end in its log."""
        self.flush()
        assert self._segment is not None
        self._segment.close()

    def assign(self, at_ms: float, active: str | None = None, **slots: str | None) -> None:
        """Put people into slots by name: a0, a1, a2, video, screen."""
        names = {"a0": 0, "a1": 1, "a2": 2, "video": VIDEO, "screen": SCREEN}
        for name, user in slots.items():
            self.users[names[name]] = user
        self.active = active or self.active
        self._say_users(at_ms)

    def sound(self, slot: int, opus: bytes, captured_ms: float) -> None:
        arrives_ms = captured_ms + self.sound_delay_ms + self.jitter()
        packet = self._stream(slot).packet(opus, self._timestamp(slot, captured_ms))
        self.append(RecordKind.PACKETS, ENTRY.pack(slot, len(packet)) + packet, arrives_ms)

    def picture(self, slot: int, vp8: bytes, captured_ms: float) -> None:
        arrives_ms = captured_ms + self.picture_delay_ms + self.jitter()
        packets = self._stream(slot).picture(
            vp8, self._timestamp(slot, captured_ms), self._pictures
        )
        self._pictures += 1
        content = b"".join(ENTRY.pack(slot, len(packet)) + packet for packet in packets)
        self.append(RecordKind.PACKETS, content, arrives_ms)

    def report(self, at_ms: float, slots: Sequence[int]) -> None:
        content = b""
        for slot in slots:
            ssrc = self._stream(slot).ssrc
            report = encode_sender_report(
                ssrc, ntp_from_ms(self.home_ms + at_ms), self._timestamp(slot, at_ms), 1, 1
            )
            content += ENTRY.pack(slot, len(report)) + report
        self.append(RecordKind.REPORTS, content, at_ms)

    def note(self, at_ms: float, **note: object) -> None:
        self.append(RecordKind.NOTE, json.dumps(note).encode(), at_ms)

    def caption(self, participant: str, text: str, start_ms: float, end_ms: float) -> None:
        began = {"id": f"{participant}-{start_ms}", "start_ms": self._us(start_ms) // 1000}
        line = {"participant": participant, "text": text, "final": True, **began}
        self.append(RecordKind.CAPTION, json.dumps(line).encode(), end_ms)

    def _say_users(self, at_ms: float) -> None:
        assigned = {
            "audio": self.users[:AUDIO_SLOTS],
            "video": self.users[VIDEO],
            "screen": self.users[SCREEN],
        }
        self.append(
            RecordKind.ASSIGNED, json.dumps({**assigned, "active": self.active}).encode(), at_ms
        )

    def append(self, kind: RecordKind, content: bytes, at_ms: float) -> None:
        assert self._segment is not None
        self._segment.append(kind, content, self._us(at_ms))

    def jitter(self) -> float:
        return self._random.uniform(0, self.jitter_ms)

    def _stream(self, slot: int) -> Rtp:
        if slot not in self._streams:
            kind = OPUS if slot < AUDIO_SLOTS else VP8_CAMERA if slot == VIDEO else VP8_SCREEN
            # Numbers wrap early on.
            self._streams[slot] = Rtp(self.ssrc + slot, kind, sequence=65_500)
        return self._streams[slot]

    def _timestamp(self, slot: int, ms: float) -> int:
        return (
            round(0xFFFF_0000 + slot * 1_000_000 + ms * (48 if slot < AUDIO_SLOTS else 90))
            & 0xFFFF_FFFF
        )

    def _us(self, ms: float) -> int:
        return EPOCH_US + round(ms * 1000)
