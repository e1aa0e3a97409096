"""A Space at a relay that is not its home: listeners only, fed by the home over Redis."""

from collections.abc import Callable
from functools import partial

from media_relay.forwarding.track import Track
from media_relay.metrics import Drop
from media_relay.protocol.relay import Assignment
from media_relay.rooms.context import RelayContext
from media_relay.rooms.mirrored_slot import HomeClock, MirroredSlot, is_padding
from media_relay.rooms.peer import Peer
from media_relay.rooms.room import Forget, Room
from media_relay.signalling.offer import SLOT_KINDS, SlotSsrcs


class EdgeRoom(Room):
    """A participant who gets a seat on stage is sent away with `moved`.

    Their page connects again, and then to the home.
    """

    def __init__(
        self, space: str, context: RelayContext, forget: Forget, ask: Callable[[int], None]
    ) -> None:
        """`ask` asks the home for a key frame in a slot."""
        ssrcs = SlotSsrcs.draw()
        self._slots = [
            MirroredSlot(kind, ssrc, partial(ask, index))
            for index, (kind, ssrc) in enumerate(zip(SLOT_KINDS, ssrcs.ssrcs, strict=True))
        ]
        super().__init__(space, context, forget, ssrcs, self._slots)
        self._clock = HomeClock()
        self._assigned = Assignment()

    def assigned_for(self, peer: Peer) -> Assignment:
        return self._assigned

    def pin(self, peer: Peer, user: str | None) -> None:
        """Nobody has streams of their own here; the page keeps showing the room's picture."""

    def on_packet(
        self, peer: Peer, track: Track, view: memoryview, length: int, now_ms: int
    ) -> None:
        # Only the home forwards what participants send.
        self._context.metrics.drop(Drop.RTP_NOT_FORWARDED)

    def on_key_frame_request(self, peer: Peer, ssrc: int) -> None:
        stream = self._by_ssrc.get(ssrc)
        if stream is not None and peer.has_video:
            stream.slot.on_key_frame_request()

    def update(self) -> None:
        """Note the time: the home decides."""
        self._updated_ms = self._context.clock()

    def enforce_policy(self) -> None:
        for peer in list(self.peers.values()):
            if peer.user and peer.user in self.authority.allowed and peer.transport.is_connected:
                self.drop(peer, "moved")

    def start_sending(self, peer: Peer) -> None:
        self.join_slots(peer)

    def send_reports(self, now_ms: int) -> None:
        """The home's reports are passed on when they come."""

    # --- what the home says

    def on_home_packet(self, slot: int, packet: bytes) -> None:
        """Fan a finished packet out. Raises IndexError or ValueError if it is not one."""
        stream = self.streams[slot]
        own = self._slots[slot].take(packet, self._context.clock())
        if is_padding(own):
            # Padding keeps the rollover counter of every listener in step, the paused ones too.
            stream.pad(own)
        else:
            stream.forward(own)

    def on_home_report(self, slot: int, report: bytes) -> None:
        own = self._clock.translate(report, self._slots[slot].ssrc, self._context.clock())
        self._sharing.send_rtcp(own)

    def on_home_assignment(self, assigned: Assignment) -> None:
        self._assigned = assigned
