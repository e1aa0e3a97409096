"""A slot whose packets come finished from another relay.

To `SharedStream` it looks like the slot itself.
"""

from collections.abc import Callable
from struct import Struct

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.rewriter import WRAP_GUARD
from media_relay.forwarding.slot import BURST_MAX_AGE_MS, SLOT_PACKETS
from media_relay.forwarding.track import Track
from media_relay.rtcp.clocks import ms_from_ntp, ntp_from_ms
from media_relay.rtp.history import History
from media_relay.rtp.packet import payload_range, sequence_number, set_ssrc
from media_relay.rtp.payload import Vp8Descriptor
from media_relay.rtp.serial import Unwrapper

ASK_MS = 500  # The home asks the camera at most twice a second anyway.
# Beyond it the home's clock began anew (another process), and ours follows.
MAX_CLOCK_ERROR_MS = 1000

_NTP = Struct("!Q")


class MirroredSlot:
    """Keeps a history of its own, so that listeners' NACKs and newcomers end here."""

    def __init__(self, kind: MediaKind, ssrc: int, ask: Callable[[], None]) -> None:
        self.kind = kind
        self.ssrc = ssrc
        self.history = History(SLOT_PACKETS[kind])
        self._ask = ask
        self._asked_ms = -ASK_MS
        self._now_ms = 0
        self._unwrapper = Unwrapper()
        self._descriptor = Vp8Descriptor()

    def take(self, packet: bytes, now_ms: int) -> bytes:
        """Return the packet as this relay sends it. Raises ValueError if it is not RTP.

        Only the SSRC differs: each relay has drawn its own, numbers and timestamps stay.
        """
        own = bytearray(packet)
        start, end = payload_range(own, len(own))
        set_ssrc(own, self.ssrc)
        finished = bytes(own)
        number = self._unwrapper.unwrap(sequence_number(own))
        self.history.add(number, finished)
        self._now_ms = now_ms
        # Newcomers here get a burst from the last key frame, as at the home.
        if self.kind.is_video and start != end:
            self._descriptor.read(own, start, end)
            if self._descriptor.key_frame:
                self.history.mark_key_frame(number, now_ms)
        return finished

    @property
    def joinable(self) -> bool:
        """Whether a newcomer may be sent this stream now; False right before a wrap."""
        highest = self._unwrapper.highest
        return highest < 0 or highest & 0xFFFF < 0x1_0000 - WRAP_GUARD

    def burst(self, now_ms: int) -> list[bytes]:
        if not self.kind.is_video:
            return []
        return self.history.since_key_frame(now_ms, BURST_MAX_AGE_MS)

    def on_nack(self, lost: list[int]) -> list[bytes]:
        return [packet for packet in map(self.history.get, lost) if packet is not None]

    def on_key_frame_request(self) -> None:
        if self.kind.is_video and self._now_ms - self._asked_ms >= ASK_MS:
            self._asked_ms = self._now_ms
            self._ask()

    def accept(self, _track: Track, _view: memoryview, _length: int, _now_ms: int) -> bool:
        return False  # Nobody publishes at an edge.

    def padding(self, _now_ms: int) -> bytes | None:
        return None  # The home's padding comes along with the packets.


class HomeClock:
    """Puts the home's sender reports on this relay's clock.

    Its listeners' round trips are measured on that.
    """

    def __init__(self) -> None:
        self._offset_ms: float | None = None

    def translate(self, report: bytes, ssrc: int, now_ms: int) -> bytes:
        """Return the sender report for our stream `ssrc`. Raises ValueError if it is cut short.

        | head (32) | SSRC (32) | NTP time (64) | RTP time (32) | packets (32) | octets (32) |
        """
        if len(report) < 28:
            raise ValueError("mirrored sender report is truncated")
        theirs_ms = ms_from_ntp(_NTP.unpack_from(report, 8)[0])
        offset_ms = now_ms - theirs_ms
        if self._offset_ms is None or abs(offset_ms - self._offset_ms) > MAX_CLOCK_ERROR_MS:
            self._offset_ms = offset_ms
        own = bytearray(report)
        own[4:8] = ssrc.to_bytes(4, "big")
        _NTP.pack_into(own, 8, ntp_from_ms(theirs_ms + self._offset_ms))
        return bytes(own)


def is_padding(packet: bytes) -> bool:
    """Return whether a packet carries nothing but its numbers."""
    start, end = payload_range(packet, len(packet))
    return start == end
