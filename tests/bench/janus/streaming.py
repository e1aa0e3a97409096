"""The Streaming plugin: plain RTP from one source to every viewer under their own key.

The nearest Janus has to listeners who share their packets; nobody's WebRTC has to be received.
"""

import socket
from typing import ClassVar

from tests.bench.janus.gateway import Gateway, Message
from tests.bench.janus.process import free_port
from tests.bench.janus.viewers import OPUS, VP8
from tests.bench.sdp import Section
from tests.bench.shapes import SPEECH_BYTES, SPEECH_HZ, Beat, Shape
from tests.bench.synthetic import Stream

MOUNTPOINT = 1


class Source:
    """Plain RTP into the mountpoint, of the same shapes that `publisher` sends."""

    title = "Streaming"
    plugin = "streaming"
    wish: ClassVar[Message] = {"request": "watch", "id": MOUNTPOINT}

    def __init__(self) -> None:
        self._ports = {"audio": free_port(), "video": free_port()}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._streams = {
            kind: Stream(_section(kind), 1 + number)
            for number, kind in enumerate(("audio", "video"))
        }
        self._beats = Beat(0, 0), Beat(0, 0)
        self._key_at = 0.0
        self.shape: Shape | None = None
        self.sent = 0

    async def join(self, gateway: Gateway) -> None:
        """Let Janus take up this one stream."""
        media = [
            {
                "type": "audio",
                "mid": "a",
                "port": self._ports["audio"],
                "pt": OPUS,
                "codec": "opus",
            },
            {"type": "video", "mid": "v", "port": self._ports["video"], "pt": VP8, "codec": "vp8"},
        ]
        await gateway.say(
            await gateway.attach(),
            {"request": "create", "type": "rtp", "id": MOUNTPOINT, "media": media},
        )

    def begin(self, shape: Shape, now: float) -> None:
        self.shape = shape
        self._beats = Beat(SPEECH_HZ, now), Beat(shape.frame_hz, now)

    def stop(self) -> None:
        self.shape = None

    async def leave(self) -> None:
        self._socket.close()

    def send_due(self, now: float) -> None:
        if self.shape is None:
            return
        if self._beats[0].is_due(now):
            self._send("audio", [self._streams["audio"].speech(SPEECH_BYTES)])
        if self._beats[1].is_due(now):
            shape = self.shape
            # Nobody tells a plain source of PLIs.
            key, self._key_at = now >= self._key_at, max(self._key_at, now + 2)
            frame = self._streams["video"].frame(
                shape.frame_packets, shape.frame_bytes, key, shape.frame_hz
            )
            self._send("video", frame)

    def _send(self, kind: str, packets: list[bytes]) -> None:
        for packet in packets:
            self._socket.sendto(packet, ("127.0.0.1", self._ports[kind]))
        self.sent += len(packets)


def _section(kind: str) -> Section:
    codec = {"opus": OPUS} if kind == "audio" else {"vp8": VP8}
    return Section(kind, kind, "sendonly", codec, {}, [], [])
