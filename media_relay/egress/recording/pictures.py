"""Whose picture is it, and is it whole: what a recorder has to know about the picture slots before
it writes.
"""

from collections.abc import Sequence

from media_relay.egress.reorder_buffer import ReorderBuffer
from media_relay.egress.slot_map import SCREEN, VIDEO
from media_relay.rtp.packet import payload_range
from media_relay.rtp.payload import Vp8Descriptor

ASK_MS = 1000  # The home asks the camera at most twice a second anyway.
# A home says who is shown when it looks at its slots the next time, up to 50 ms after the new
# picture's first packet.
HOLD_US = 250_000

Arrived = tuple[int, bytes]  # When, in microseconds, and the packet.


class PictureWatch:
    """Follows the numbers of both picture slots.

    Nobody else may be looking who would ask for a key frame.
    """

    def __init__(self) -> None:
        self._streams: dict[int, bytes] = {VIDEO: b"", SCREEN: b""}  # The SSRC in each slot.
        self._orders = {VIDEO: ReorderBuffer(), SCREEN: ReorderBuffer()}
        self._lost = {VIDEO: 0, SCREEN: 0}
        self._asked_ms = -ASK_MS

    def needs_key_frame(self, slot: int, packet: bytes, now_ms: int) -> bool:
        """Take a packet; return whether packets before it are lost and a key frame should be asked
        for now.
        """
        if slot not in self._orders:
            return False
        if packet[8:12] != self._streams[slot]:
            self._streams[slot], self._orders[slot], self._lost[slot] = (
                packet[8:12],
                ReorderBuffer(),
                0,
            )
        order = self._orders[slot]
        # Only its number counts; the packet itself need not be kept.
        order.put(packet[:4], now_ms * 1000)
        if order.lost == self._lost[slot] or now_ms - self._asked_ms < ASK_MS:
            return False
        self._lost[slot], self._asked_ms = order.lost, now_ms
        return True


class PictureHold:
    """Keeps what comes from a key frame on until it is known whose it is: somebody new may have
    begun with it.
    """

    def __init__(self) -> None:
        self._held: list[Arrived] = []
        self._descriptor = Vp8Descriptor()

    def put(self, packet: bytes, at_us: int) -> Sequence[Arrived]:
        """Take a packet and return what is known to be of whoever was shown so far.

        Raises ValueError if it is none.
        """
        ready = self.overdue(at_us)
        if self._held or self._starts_key_frame(packet):
            self._held.append((at_us, packet))
            return ready
        return [*ready, (at_us, packet)]

    def overdue(self, at_us: int) -> Sequence[Arrived]:
        """Return what has been held for so long that nobody new can be meant."""
        return self.release() if self._held and at_us - self._held[0][0] > HOLD_US else []

    def release(self) -> Sequence[Arrived]:
        held, self._held = self._held, []
        return held

    def _starts_key_frame(self, packet: bytes) -> bool:
        start, end = payload_range(packet, len(packet))
        if start == end:
            return False
        self._descriptor.read(packet, start, end)
        return self._descriptor.key_frame
