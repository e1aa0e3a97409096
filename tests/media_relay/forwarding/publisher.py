"""A publisher for tests: makes numbered packets of one track and gives them to outgoing streams."""

from zlib import crc32

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.rewriter import StreamRewriter
from media_relay.forwarding.track import Track
from media_relay.rtcp.clocks import SenderClock
from media_relay.rtp import packet
from media_relay.rtp.payload import Vp8Descriptor
from tests.media_relay.rtp.build import LEVEL_ID, MID_ID, buffer, rtp, vp8_payload

PAYLOAD_TYPES = {MediaKind.MICROPHONE: 111, MediaKind.CAMERA: 96, MediaKind.SCREEN: 98}


class Publisher:
    """Sends a frame every `step_ms`; a camera's frame has `per_frame` packets."""

    def __init__(
        self,
        user: str,
        kind: MediaKind = MediaKind.MICROPHONE,
        *,
        sequence: int = 1,
        timestamp: int = 0,
        picture_id: int = 0,
        per_frame: int = 1,
        clock: SenderClock | None = None,
    ) -> None:
        self.track = Track(
            kind,
            crc32(user.encode()),
            user,
            level_id=LEVEL_ID,
            sender_clock=clock,
        )
        self.sequence = sequence
        self.timestamp = timestamp
        self.picture_id = picture_id
        self.tl0picidx = 0
        self.per_frame = per_frame

    def frame(self, ticks: int | None = None, *, key: bool = False) -> list[bytes]:
        """Return the packets of the next frame, one packet for sound."""
        kind = self.track.kind
        self.timestamp += (
            ticks if ticks is not None else kind.clock_rate // (30 if kind.is_video else 50)
        )
        packets = [self._packet(index, key) for index in range(self.per_frame)]
        self.picture_id = (self.picture_id + 1) % 32768
        self.tl0picidx = (self.tl0picidx + 1) % 256
        return packets

    def _packet(self, index: int, key: bool) -> bytes:
        payload = b"\xfcsound"
        if self.track.is_video:
            payload = vp8_payload(
                start=index == 0,
                key=key,
                picture_id=self.picture_id,
                tl0picidx=self.tl0picidx,
                body=b"%d" % self.sequence,
            )
        made = rtp(
            self.sequence,
            self.timestamp,
            payload=payload,
            payload_type=PAYLOAD_TYPES[self.track.kind],
            marker=self.track.is_video and index == self.per_frame - 1,
            ssrc=self.track.ssrc,
            elements=((MID_ID, b"5"), (LEVEL_ID, b"\x9e")),
        )
        self.sequence += 1
        return made


class Sent:
    """One packet as it left a stream, read back."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sequence = packet.sequence_number(data)
        self.timestamp = packet.timestamp(data)
        self.ssrc = packet.ssrc(data)
        self.marker = packet.marker(data)
        start, end = packet.payload_range(data, len(data))
        self.payload = data[start:end]
        self.vp8 = Vp8Descriptor()
        if packet.payload_type(data) in (96, 98) and start != end:
            self.vp8.read(data, start, end)


def forward(stream: StreamRewriter, publisher: Publisher, data: bytes, now_ms: int) -> Sent | None:
    """Let one packet arrive and return what the stream makes of it."""
    buf = buffer(data)
    length = publisher.track.on_rtp(buf, len(data), now_ms)
    if not length or not stream.accept(publisher.track, buf, length, now_ms):
        return None
    return Sent(bytes(buf[:length]))


def forward_all(
    stream: StreamRewriter, publisher: Publisher, packets: list[bytes], now_ms: int
) -> list[Sent]:
    sent = (forward(stream, publisher, data, now_ms) for data in packets)
    return [one for one in sent if one is not None]
