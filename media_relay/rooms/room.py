"""One Space on this relay: its peers and the streams they share.

`HomeRoom` and `EdgeRoom` say where the packets come from.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import Track
from media_relay.metrics import Drop
from media_relay.protocol.relay import (
    HANDOVER_S,
    Assignment,
    Closed,
    Connected,
    OpenPeer,
    Policy,
)
from media_relay.rooms.authority import Authority
from media_relay.rooms.context import RelayContext
from media_relay.rooms.peer import Peer
from media_relay.rooms.stream import OutboundStream, SharedStream
from media_relay.rtp.history import MAX_PACKETS, History
from media_relay.signalling.offer import OfferTemplate, SlotSsrcs
from media_relay.transport.fanout import Fanout

log = logging.getLogger(__name__)

UPDATE_MS = 50
REPORT_MS = 1000
# How long a room without peers is kept: SSRCs and speakers stay the same for those who come back.
EMPTY_MS = 60_000

Forget = Callable[[Peer], None]


class Room(ABC):
    """Knows nothing of Redis. `now_ms` is the relay's clock throughout."""

    def __init__(
        self,
        space: str,
        context: RelayContext,
        forget: Forget,
        ssrcs: SlotSsrcs,
        slots: Sequence[OutboundStream],
    ) -> None:
        """`forget` is called with every peer that has left."""
        self.space = space
        self.peers: dict[str, Peer] = {}
        self.authority = Authority(space, context.max_publishers)
        self.streams = [SharedStream(slot, context.udp_sender, context.later) for slot in slots]
        self.rtx_ssrcs = ssrcs.rtx
        self._by_ssrc = {stream.slot.ssrc: stream for stream in self.streams}
        # All who share the slots, for their sender reports.
        self._sharing = Fanout(context.udp_sender)
        self._context = context
        self._forget_peer = forget
        self._offer = OfferTemplate(context.endpoint, ssrcs)
        # Apart from those who are connected, by the thousand: these are looked at more often.
        self._connecting: dict[str, Peer] = {}
        # The connected peer of each user: one presence a user and room,
        self._by_user: dict[str, Peer] = {}
        # and the one that it takes over from, for a moment.
        self._former: dict[str, Peer] = {}
        self._updated_ms = self._reported_ms = 0
        self._last_peer_ms = context.clock()

    # --- where home and edge differ

    @abstractmethod
    def assigned_for(self, peer: Peer) -> Assignment:
        """Return the `assigned` of a peer's offer."""

    @abstractmethod
    def pin(self, peer: Peer, user: str | None) -> None:
        """Let this viewer see `user` whichever speaker is active."""

    @abstractmethod
    def on_packet(
        self, peer: Peer, track: Track, view: memoryview, length: int, now_ms: int
    ) -> None:
        """Forward the packet that `track` has just taken."""

    @abstractmethod
    def on_key_frame_request(self, peer: Peer, ssrc: int) -> None:
        """A listener cannot show what it has of the stream `ssrc`."""

    @abstractmethod
    def update(self) -> None:
        """Decide who is heard and seen, and tell those who should know."""

    @abstractmethod
    def enforce_policy(self) -> None:
        """Make a new policy true, at once."""

    @abstractmethod
    def start_sending(self, peer: Peer) -> None:
        """Give a peer that has just connected what it gets."""

    @abstractmethod
    def send_reports(self, now_ms: int) -> None:
        """Send every peer the sender reports of what it gets (RFC 3550 §6.4.1)."""

    # --- what the web says

    def open(self, request: OpenPeer) -> tuple[Peer, str]:
        """Make a peer and return it with its offer."""
        # The relay may be new to the Space and have no policy yet.
        self.apply(request.policy)
        peer = Peer(request, self, self._context)
        self.peers[peer.id] = self._connecting[peer.id] = peer
        agent = peer.transport.agent
        return peer, self._offer.text_for(agent.ufrag, agent.password)

    def apply(self, policy: Policy) -> None:
        if self.authority.apply(policy, self._context.clock()):
            self.enforce_policy()

    def close(self, reason: str) -> None:
        """Close every peer. Each is told why."""
        # A copy: each that is dropped leaves.
        for peer in list(self.peers.values()):
            self.drop(peer, reason)

    def drop(self, peer: Peer, reason: str) -> None:
        """End one connection from our side and tell its socket."""
        self.on_gone(peer, reason)
        peer.transport.close()

    def remove(self, peer: Peer, reason: str) -> None:
        """End one connection because its socket has gone: there is nobody to tell."""
        self.detach(peer, reason)
        peer.transport.close()

    # --- what peers say

    def on_nack(self, peer: Peer, ssrc: int, lost: list[int]) -> None:
        found = self.find_lost(peer, ssrc, lost)
        if found:
            peer.retransmit(self._by_ssrc[ssrc].slot.kind, found)
            peer.on_retransmitted(ssrc, self._sent_in_turn(peer, ssrc, lost))
        self._context.metrics.retransmitted += len(found)
        self._context.metrics.drops[Drop.NACK_MISS] += len(lost) - len(found)

    def count_unsent(self, peer: Peer, ssrc: int, numbers: range) -> int:
        # Nothing further back is remembered.
        recent = numbers[-MAX_PACKETS:]
        return len(recent) - len(self._sent_in_turn(peer, ssrc, recent))

    def kind_of(self, ssrc: int) -> MediaKind | None:
        stream = self._by_ssrc.get(ssrc)
        return stream.slot.kind if stream is not None else None

    def on_connected(self, peer: Peer) -> None:
        self._connecting.pop(peer.id, None)
        if peer.user:
            # A page that reconnects, or the same account in another window.
            if oldest := self._former.get(peer.user):
                self.drop(oldest, "replaced")
            if former := self._by_user.get(peer.user):
                self._former[peer.user] = former
                self._context.later(HANDOVER_S, partial(self._end_handover, former))
            self._by_user[peer.user] = peer
        self.start_sending(peer)
        peer.notify(Connected(peer.id))
        # Listeners by the thousand change nothing.
        if peer.takes_part:
            self.update()

    def on_moved(self, peer: Peer) -> None:
        # A fan-out has the address in headers that are laid out once.
        self._sharing.move(peer.transport)
        for stream in self.streams:
            stream.move(peer.transport)

    def on_gone(self, peer: Peer, reason: str) -> None:
        self.detach(peer, reason)
        peer.notify(Closed(peer.id, reason))

    def on_video_changed(self, peer: Peer) -> None:
        """Give the peer the pictures that it takes now."""
        if peer.transport.is_connected:
            self.join_slots(peer)

    def on_path_changed(self, peer: Peer) -> None:
        """Send a peer's voices twice when its path begins to lose packets, else once."""
        for stream in self.streams:
            if peer.is_lossy:
                stream.start_doubling(peer.transport)
            else:
                stream.stop_doubling(peer.transport)

    # --- the passing of time

    def tick(self, now_ms: int) -> None:
        """Do all that is due; called every 20 ms."""
        if now_ms - self._updated_ms >= UPDATE_MS:
            if self.authority.lapse(now_ms):
                self.enforce_policy()
            self.update()
        for stream in self.streams:
            stream.tick(now_ms)
        if now_ms - self._reported_ms >= REPORT_MS:
            self._reported_ms = now_ms
            self.send_reports(now_ms)

    def tick_handshakes(self, now_ms: int) -> None:
        """Look at the timers of those who are about to connect; called ten times a second."""
        # A copy: a peer that connects, or fails to, is taken out.
        for peer in list(self._connecting.values()):
            self._tick_peer(peer, now_ms)

    def tick_consents(self, now_ms: int) -> None:
        """Look at every peer's consent; called once a second."""
        # A copy: a peer without consent leaves.
        for peer in list(self.peers.values()):
            self._tick_peer(peer, now_ms)
        if self.peers:
            self._last_peer_ms = now_ms

    def is_over(self, now_ms: int) -> bool:
        return not self.peers and now_ms - self._last_peer_ms > EMPTY_MS

    def _tick_peer(self, peer: Peer, now_ms: int) -> None:
        """Look at one peer's timers.

        A mistake of ours costs this peer, which connects again, and no other.
        """
        try:
            peer.transport.tick(now_ms)
        except Exception:
            self._context.metrics.drop(Drop.PEER_ERROR)
            log.exception("The timers of a peer broke their handler")
            self.drop(peer, "peer_error")

    # --- for home and edge

    def join_slots(self, peer: Peer) -> None:
        """Let a peer have the room's streams, as far as it takes them."""
        now_ms = self._context.clock()
        self._sharing.add(peer.transport)
        for stream in self.streams:
            if stream.slot.kind not in peer.receives:
                continue
            # Paused, not left out: its rollover counter stays in step for when it comes back.
            if stream.slot.kind.is_video and not peer.has_video:
                stream.pause(peer.transport)
            else:
                stream.join(peer.transport, now_ms)

    def leave_slots(self, peer: Peer) -> None:
        self._sharing.discard(peer.transport)
        for stream in self.streams:
            stream.leave(peer.transport)

    def history_of(self, peer: Peer, ssrc: int) -> History | None:
        """Return what was sent to this peer of the stream `ssrc`."""
        stream = self._by_ssrc.get(ssrc)
        return stream.slot.history if stream is not None else None

    def find_lost(self, peer: Peer, ssrc: int, lost: list[int]) -> list[bytes]:
        """Return the packets of a NACK, as they went out to this peer."""
        stream = self._by_ssrc.get(ssrc)
        return stream.find(peer.transport, lost) if stream is not None else []

    def _end_handover(self, former: Peer) -> None:
        """Drop a former connection, unless it has gone or is the user's only one again."""
        if self._former.get(former.user) is former:
            self.drop(former, "replaced")

    def _sent_in_turn(self, peer: Peer, ssrc: int, numbers: Iterable[int]) -> list[int]:
        """Return those of the numbers that went out to this peer in their turn."""
        history = self.history_of(peer, ssrc)
        if history is None:
            return []
        return [number for number in numbers if history.was_on_time(number & 0xFFFF)]

    def detach(self, peer: Peer, reason: str) -> None:
        """Take a peer out of everything.

        Comes before its transport frees the keys that the fan-out works with.
        """
        if self.peers.pop(peer.id, None) is None:
            return
        self._connecting.pop(peer.id, None)
        if self._former.get(peer.user) is peer:
            del self._former[peer.user]
        elif self._by_user.get(peer.user) is peer:
            del self._by_user[peer.user]
            if former := self._former.pop(peer.user, None):
                self._by_user[peer.user] = former
        self.leave_slots(peer)
        self._context.metrics.closed(reason)
        self._forget_peer(peer)
        if peer.takes_part:
            self.update()
