"""A Space at its home relay: the stage connects here, so who is heard is decided here."""

import logging
import secrets
from functools import partial

from media_relay.forwarding.allocator import Allocator
from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.slot import Slot
from media_relay.forwarding.track import Track
from media_relay.metrics import Drop
from media_relay.protocol.relay import Assignment, OpenPeer, Speaker
from media_relay.redis.cascade import SlotFeed
from media_relay.rooms.context import RelayContext
from media_relay.rooms.peer import Peer
from media_relay.rooms.personal import PersonalStreams, point_streams, visible_assignment
from media_relay.rooms.publisher import Publisher
from media_relay.rooms.room import Forget, Room
from media_relay.rtcp.nack import REORDER_MS
from media_relay.rtp.history import History
from media_relay.signalling.codecs import PAYLOAD_TYPES
from media_relay.signalling.offer import SLOT_KINDS, SlotSsrcs

# A key frame so young is still on its way to the listener that asks; another would harm all others.
FRESH_KEY_FRAME_MS = 1000
# People with streams of their own; each costs as much as a talk. Those on stage, the rest are pins.
MAX_PERSONAL = 64

log = logging.getLogger(__name__)


class HomeRoom(Room):
    """Decides by levels and the policy which track is in which slot, for all and for each."""

    def __init__(self, space: str, context: RelayContext, forget: Forget) -> None:
        ssrcs = SlotSsrcs.draw()
        self._slots = [
            # Far below the wrap, near which no listener could begin (`rewriter`).
            Slot(kind, ssrc, PAYLOAD_TYPES[kind], first_sequence=secrets.randbelow(0x4000) + 1)
            for kind, ssrc in zip(SLOT_KINDS, ssrcs.ssrcs, strict=True)
        ]
        super().__init__(space, context, forget, ssrcs, self._slots)
        self.allocator = Allocator()
        self._personal: dict[str, Peer] = {}  # Peers with streams of their own.
        self._publishers: dict[str, Peer] = {}  # User -> the connection whose tracks count.
        self._announced = Assignment()
        self._feed: SlotFeed | None = None
        self._relay_ssrc = secrets.randbelow(0xFFFF_FFFE) + 1  # What publishers get feedback from.

    # --- what the web says

    def assigned_for(self, peer: Peer) -> Assignment:
        return self._announced

    def open(self, request: OpenPeer) -> tuple[Peer, str]:
        peer, offer = super().open(request)
        self._admit_publisher(peer)
        return peer, offer

    def pin(self, peer: Peer, user: str | None) -> None:
        # Without a pin it keeps its streams: their numbers must never jump back (DESIGN §4.3).
        peer.pin = user
        if user is not None and peer.transport.is_connected:
            self._make_personal(peer)
        self.update()

    def enforce_policy(self) -> None:
        self.allocator.set_policy(self.authority.policy)
        for peer in list(self.peers.values()):
            self._admit_publisher(peer)
            # On stage now: from here on it must not hear itself.
            if peer.user in self.authority.allowed and peer.transport.is_connected:
                self._make_personal(peer)
        self.update()

    # --- packets: no allocation that can be avoided, no log, no await

    def on_packet(
        self, peer: Peer, track: Track, view: memoryview, length: int, now_ms: int
    ) -> None:
        if self._publishers.get(peer.user) is not peer:
            # Of a user's connections the last to connect is heard, from its first packet on: the
            # page takes it up a moment after it stands.
            if self._by_user.get(peer.user) is not peer:
                self._context.metrics.drop(Drop.RTP_NOT_FORWARDED)
                return
            self._publishers[peer.user] = peer
            self.update()
        if not track.is_video:
            self.allocator.on_audio(peer.user, track.level, track.end - track.start, now_ms)
        if track.statistics.packets_received == 1:
            self.update()  # A new track may be in a slot at once.
        if track.nacks.take_opened():
            # By the tick it would be asked for up to 20 ms later, which is what a listener's buffer
            # is about.
            self._context.later((REORDER_MS + 1) / 1000, partial(self._give_feedback, peer))
        # A track is in one slot of its kind at most.
        for stream in self.streams:
            if stream.slot.kind is track.kind and stream.accept(track, view, length, now_ms):
                break
        # Those on stage never get their own sound or picture.
        for other in self._personal.values():
            if other is not peer and other.personal is not None:
                send = other.transport.send_rtp if track.is_video else other.send_redundantly
                other.personal.accept(track, view, length, now_ms, send)

    def on_key_frame_request(self, peer: Peer, ssrc: int) -> None:
        """Ask the camera for a key frame.

        Not if there has just been one: the loss of one listener is no reason for key frames to all
        in a row.
        """
        slot = next((slot for slot in self._slots if slot.ssrc == ssrc), None)
        # A peer whose pictures are paused would get nothing of it.
        if slot is None or not peer.has_video:
            return
        stream = (peer.personal.find(ssrc) if peer.personal else None) or slot
        newest_ms = stream.source.last_key_frame_ms if stream.source is not None else None
        if newest_ms is None or self._context.clock() - newest_ms >= FRESH_KEY_FRAME_MS:
            stream.on_key_frame_request()

    # --- other relays

    def set_feed(self, feed: SlotFeed | None) -> None:
        """Publish the slots to `feed` from now on, or to nobody."""
        # Asked at every heartbeat; only a change matters.
        if (feed is None) == (self._feed is None):
            return
        self._feed = feed
        for index, stream in enumerate(self.streams):
            stream.tap = partial(feed.packet, index) if feed is not None else None
        if feed is not None:
            self.on_hello()

    def on_hello(self) -> None:
        """Tell a new relay who is in the slots, and let it have pictures to begin with."""
        if self._feed is not None:
            self._feed.assigned(self._announced)
            for slot in self._slots:
                slot.on_key_frame_request()

    def on_key_frame_wanted(self, slot: int) -> None:
        """A listener at another relay wants a picture.

        Raises IndexError for a slot that there is not.
        """
        self._slots[slot].on_key_frame_request()

    # --- the passing of time

    def tick(self, now_ms: int) -> None:
        super().tick(now_ms)
        for peer in self._publishers.values():
            self._give_feedback(peer)
            peer.check_sending()

    def update(self) -> None:
        now_ms = self._updated_ms = self._context.clock()
        cameras = self._live(MediaKind.CAMERA, now_ms)
        screens = self._live(MediaKind.SCREEN, now_ms)
        self.allocator.update(now_ms, cameras, screens)
        assignment = self.allocator.room
        point_streams(self._slots, assignment, self._find, now_ms)
        visible = visible_assignment(self._slots, assignment)
        if visible != self._announced:
            self._announced = visible
            self._context.web.to_space(self.space, Speaker(visible, personal=False))
            if self._feed is not None:
                self._feed.assigned(visible)
        for peer in self._personal.values():
            # Never None for these peers; the type cannot say so.
            personal = peer.personal
            if personal is None:
                continue
            assignment = self.allocator.personal(peer.user, peer.pin)
            point_streams(personal.streams, assignment, self._find, now_ms)
            visible = visible_assignment(personal.streams, assignment)
            if visible != personal.announced:
                personal.announced = visible
                peer.notify(Speaker(visible, personal=True, peer=peer.id))

    def send_reports(self, now_ms: int) -> None:
        reports: dict[int, bytes] = {}
        for index, slot in enumerate(self._slots):
            report = slot.sender_report(now_ms) if slot.source else None
            if report:
                reports[index] = report
        if reports:
            self._sharing.send_rtcp(b"".join(reports.values()))
            if self._feed is not None:
                self._feed.reports(reports)
        for peer in self._personal.values():
            if peer.personal is not None and (report := peer.personal.sender_reports(now_ms)):
                peer.transport.send_rtcp(report)

    # --- peers that come, change and go

    def start_sending(self, peer: Peer) -> None:
        self._admit_publisher(peer)
        if peer.stage or peer.user in self.authority.allowed or peer.pin is not None:
            self._make_personal(peer)
        if peer.personal is None:
            self.join_slots(peer)

    def on_video_changed(self, peer: Peer) -> None:
        if peer.personal is None:
            super().on_video_changed(peer)
        elif peer.has_video:
            peer.personal.resume_video()
        else:
            peer.personal.pause_video()

    def history_of(self, peer: Peer, ssrc: int) -> History | None:
        if peer.personal is None:
            return super().history_of(peer, ssrc)
        stream = peer.personal.find(ssrc)
        return stream.history if stream is not None else None

    def find_lost(self, peer: Peer, ssrc: int, lost: list[int]) -> list[bytes]:
        if peer.personal is None:
            return super().find_lost(peer, ssrc, lost)
        stream = peer.personal.find(ssrc)
        return stream.on_nack(lost) if stream is not None else []

    def detach(self, peer: Peer, reason: str) -> None:
        if peer.publisher is not None:
            for track in peer.publisher.tracks.values():
                self._forget(track)
        self._personal.pop(peer.id, None)
        if self._publishers.get(peer.user) is peer:
            del self._publishers[peer.user]
        super().detach(peer, reason)
        if (other := self._by_user.get(peer.user)) is not None:
            self._admit_publisher(other)

    def _give_feedback(self, peer: Peer) -> None:
        feedback = peer.publisher.feedback.collect(self._context.clock()) if peer.publisher else b""
        if feedback:
            peer.transport.send_rtcp(feedback)

    def _admit_publisher(self, peer: Peer) -> None:
        """Bring what the peer may send in line with the policy."""
        allowed = self.authority.allowed.get(peer.user) if peer.user else None
        if allowed is not None and peer.publisher is None:
            peer.publisher = Publisher(
                peer.user, self._relay_ssrc, self._context.metrics, self._context.source_limits
            )
        if peer.publisher is None:
            return
        for kind, track in peer.publisher.tracks.items():
            if allowed is None or kind not in allowed:
                self._forget(track)
        peer.publisher.allow(allowed or frozenset())
        # One that takes over does so with its first packet.
        if allowed is not None and peer.transport.is_connected:
            self._publishers.setdefault(peer.user, peer)

    def _make_personal(self, peer: Peer) -> None:
        """Give the peer streams of its own, if it has none and there is room for them."""
        if peer.personal is not None:
            return
        is_on_stage = peer.stage or peer.user in self.authority.allowed
        if len(self._personal) >= MAX_PERSONAL and not is_on_stage:
            return
        # Its streams go on behind what the shared ones have sent, so nothing may be held back.
        for stream in self.streams:
            stream.flush()
        self.leave_slots(peer)
        peer.personal = PersonalStreams(self._slots)
        peer.personal.video_on = peer.has_video
        self._personal[peer.id] = peer

    def _find(self, user: str | None, kind: MediaKind) -> Track | None:
        """Return the track of a user, if it may be forwarded."""
        peer = self._publishers.get(user) if user is not None else None
        if peer is None or peer.publisher is None or kind not in peer.publisher.allowed:
            return None
        return peer.publisher.tracks.get(kind)

    def _live(self, kind: MediaKind, now_ms: int) -> list[str]:
        """Return the users from whom packets of this kind are coming."""
        users: list[str] = []
        for user in self._publishers:
            track = self._find(user, kind)
            if track is not None and track.is_live(now_ms):
                users.append(user)
        return users

    def _forget(self, track: Track) -> None:
        """Nothing carries or awaits this track any more, from this moment."""
        for slot in self._slots:
            slot.forget(track)
        for peer in self._personal.values():
            if peer.personal is not None:
                peer.personal.forget(track)
