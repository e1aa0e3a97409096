"""The one person on stage in a measured talk: sends a shape's packets on time, without a codec."""

from typing import Protocol

from tests.bench.peer import Peer
from tests.bench.shapes import SPEECH_BYTES, SPEECH_HZ, Beat, Shape
from tests.bench.synthetic import Stream
from tests.media_relay.blackbox.light import asks_for_key_frame


class Member(Protocol):
    """A light peer with its streams by name, at the relay or elsewhere."""

    @property
    def peer(self) -> Peer: ...

    @property
    def streams(self) -> dict[str, Stream]: ...


class Publisher:
    """Drives a light member; the crowd's loop calls `send_due` as often as it can."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.shape: Shape | None = None
        self.sent = 0
        self.key_frames = 0
        self._key_wanted = True
        self._beats = Beat(0, 0), Beat(0, 0)
        member.peer.on_rtcp = self._on_rtcp

    def begin(self, shape: Shape, now: float) -> None:
        self.shape = shape
        self._key_wanted = True
        self._beats = Beat(SPEECH_HZ, now), Beat(shape.frame_hz, now)

    def stop(self) -> None:
        self.shape = None

    def send_due(self, now: float) -> None:
        """Send the speech packet and the frame that have become due."""
        if self.shape is None:
            return
        speech, frames = self._beats
        if speech.is_due(now):
            self._send([self.member.streams["microphone"].speech(SPEECH_BYTES)])
        if frames.is_due(now):
            self._send(self._frame(self.shape))

    def _frame(self, shape: Shape) -> list[bytes]:
        key, self._key_wanted = self._key_wanted, False
        self.key_frames += key
        return self.member.streams["camera"].frame(
            shape.frame_packets, shape.frame_bytes, key, shape.frame_hz
        )

    def _send(self, packets: list[bytes]) -> None:
        for packet in packets:
            self.member.peer.send_rtp(packet)
        self.sent += len(packets)

    def _on_rtcp(self, compound: bytes) -> None:
        self._key_wanted |= asks_for_key_frame(compound)
