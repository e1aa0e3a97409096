"""An outgoing stream of the whole room: one packet for all its listeners."""

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.rewriter import WRAP_GUARD, StreamRewriter
from media_relay.rtp.packet import padding_packet

SLOT_PACKETS = {MediaKind.MICROPHONE: 256, MediaKind.CAMERA: 1024, MediaKind.SCREEN: 1024}
BURST_MAX_AGE_MS = 3000  # A longer burst costs more than the key frame it saves (DESIGN §4.3).
# Far below the 2^15 packets after which SRTP's rollover counter is guessed wrong.
PADDING_EVERY = 2000


class Slot(StreamRewriter):
    """A shared stream. Listeners get the very same bytes, each under their own key."""

    def __init__(
        self, kind: MediaKind, ssrc: int, payload_type: int, *, first_sequence: int = 1
    ) -> None:
        super().__init__(
            kind, ssrc, first_sequence=first_sequence, history_packets=SLOT_PACKETS[kind]
        )
        self.payload_type = payload_type
        self._padded_at = first_sequence

    def burst(self, now_ms: int) -> list[bytes]:
        """Return the packets that show a newcomer the picture at once.

        Empty if only a key frame can: the newcomer then calls `on_key_frame_request`.
        """
        if not self._is_video or self.source is None:
            return []
        return self.history.since_key_frame(now_ms, BURST_MAX_AGE_MS)

    def padding(self, now_ms: int) -> bytes | None:
        """Return a packet of padding for *all* listeners, the paused included, when one is due.

        It keeps every listener's rollover counter in step. It takes a number of its own: a paused
        listener must never get two different packets under one number and key. Asked on every
        tick; comes between frames. Voices have none: nobody's sound is paused.
        """
        if not self._is_video or not self._ends_frame:
            return None
        if self._numbers.highest - self._padded_at < PADDING_EVERY:
            return None
        number = self._padded_at = self._numbers.insert()
        packet = padding_packet(
            self.payload_type, number & 0xFFFF, self._timestamp_map.last, self.ssrc
        )
        self.history.add(number, packet)
        self.packets_sent += 1
        return packet

    @property
    def joinable(self) -> bool:
        """Whether a newcomer may be sent this stream now; False right before a wrap."""
        return self._numbers.highest & 0xFFFF < 0x1_0000 - WRAP_GUARD
