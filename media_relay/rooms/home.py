"""A Space at its home relay: the stage connects here, so here is decided who is heard and who is
seen.
"""

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
from media_relay.rooms.personal import PersonalStreams, point, shown
from media_relay.rooms.publisher import Publisher
from media_relay.rooms.room import Forget, Room
from media_relay.rtcp.nack import REORDER_MS
from media_relay.rtp.history import History
from media_relay.signalling.codecs import PAYLOAD_TYPES
from media_relay.signalling.offer import SLOT_KINDS, SlotSsrcs

# A key frame so young is still on its way to whoever asks; another would harm all others.
FRESH_KEY_FRAME_MS = 1000
# People with streams of their own; each costs as much as a talk. Those on stage, the rest are pins.
MAX_PERSONAL = 64

log = logging.getLogger(__name__)


class HomeRoom(Room):
    def __init__(self, space: str, context: RelayContext, forget: Forget) -> None:
        ssrcs = SlotSsrcs.draw()
        self._slots = [
            _slot(kind, ssrc) for kind, ssrc in zip(SLOT_KINDS, ssrcs.ssrcs, strict=True)
        ]
        super().__init__(space, context, forget, ssrcs, self._slots)
        self.allocator = Allocator()
        self._personal: dict[str, Peer] = {}
        self._publishers: dict[str, Peer] = {}  # User -> the connection whose tracks count.
        self._announced = Assignment()
        self._feed: SlotFeed | None = None
        self._relay_ssrc = secrets.randbelow(0xFFFF_FFFE) + 1  # What publishers get feedback from.

    # --- what the web says

    def assigned_for(self, peer: Peer) -> Assignment:
        return self._announced

    def pin(self, peer: Peer, user: str | None) -> None:
        peer.pin = user
        if user is not None and peer.transport.is_connected:
            self._make_personal(peer)
        self.update()

    # --- packets: no allocation that can be avoided, no log, no await

    def on_packet(
        self, peer: Peer, track: Track, view: memoryview, length: int, now_ms: int
    ) -> None:
        if self._publishers.get(peer.user) is not peer:
            self._context.metrics.drop(Drop.RTP_NOT_FORWARDED)
            return
        if not track.is_video:
            self.allocator.on_audio(peer.user, track.level, track.end - track.start, now_ms)
        if track.statistics.packets_received == 1:
            self.update()
        if track.nacks.take_opened():
            # By the tick it would be asked for up to 20 ms later, which is what a listener's buffer
            # is about.
            self._context.later((REORDER_MS + 1) / 1000, partial(self._give_feedback, peer))
        for stream in self.streams:
            if stream.slot.kind is track.kind and stream.accept(track, view, length, now_ms):
                break
        for other in self._personal.values():
            if other is not peer and other.personal is not None:
                send = other.transport.send_rtp if track.is_video else other.send_redundantly
                other.personal.accept(track, view, length, now_ms, send)

    def on_key_frame_request(self, peer: Peer, ssrc: int) -> None:
        """A listener cannot show what it has.

        One person's loss is not a reason for key frames to all in a row.
        """
        slot = next((slot for slot in self._slots if slot.ssrc == ssrc), None)
        if slot is None or not peer.has_video:
            return
        stream = peer.personal.find(ssrc) if peer.personal else None
        track = (stream or slot).source
        newest_ms = track.last_key_frame_ms if track is not None else None
        if newest_ms is None or self._context.clock() - newest_ms >= FRESH_KEY_FRAME_MS:
            (stream or slot).on_key_frame_request()

    # --- other relays

    def set_feed(self, feed: SlotFeed | None) -> None:
        """Publish the slots to `feed` from now on, or to nobody."""
        if (feed is None) == (self._feed is None):
            return
        self._feed = feed
        for index, stream in enumerate(self.streams):
            stream.tap = (
                None
                if feed is None
                else lambda packet, index=index, to=feed: to.packet(index, packet)
            )
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
            peer.follow_sending()

    def update(self) -> None:
        now_ms = self._updated_ms = self._context.clock()
        self.allocator.update(
            now_ms, self._live(MediaKind.CAMERA, now_ms), self._live(MediaKind.SCREEN, now_ms)
        )
        point(self._slots, self.allocator.room, self._find, now_ms)
        told = shown(self._slots, self.allocator.room)
        if told != self._announced:
            self._announced = told
            self._tell(told)
        for peer in self._personal.values():
            self._update_personal(peer, now_ms)

    # --- inside

    def _give_feedback(self, peer: Peer) -> None:
        feedback = peer.publisher.feedback.collect(self._context.clock()) if peer.publisher else b""
        if feedback:
            peer.transport.send_rtcp(feedback)

    def _tell(self, told: Assignment) -> None:
        self._context.web.to_space(self.space, Speaker(told, personal=False))
        if self._feed is not None:
            self._feed.assigned(told)

    def _update_personal(self, peer: Peer, now_ms: int) -> None:
        if peer.personal is None:
            return
        assignment = self.allocator.personal(peer.user, peer.pin)
        point(peer.personal.streams, assignment, self._find, now_ms)
        told = shown(peer.personal.streams, assignment)
        if told != peer.personal.told:
            peer.personal.told = told
            peer.tell(Speaker(told, personal=True, peer=peer.id))

    def open(self, request: OpenPeer) -> tuple[Peer, str]:
        peer, offer = super().open(request)
        self._admit_publisher(peer)
        return peer, offer

    def _enforce_policy(self) -> None:
        self.allocator.set_policy(self.authority.policy)
        for peer in list(self.peers.values()):
            self._admit_publisher(peer)
            if peer.user in self.authority.allowed and peer.transport.is_connected:
                self._make_personal(peer)
        self.update()

    def _start_sending(self, peer: Peer) -> None:
        self._admit_publisher(peer)
        if peer.stage or peer.user in self.authority.allowed or peer.pin is not None:
            self._make_personal(peer)
        if peer.personal is None:
            self._join_slots(peer)

    def on_video_changed(self, peer: Peer) -> None:
        if peer.personal is None:
            super().on_video_changed(peer)
        elif peer.has_video:
            peer.personal.resume_video()
        else:
            peer.personal.pause_video()

    def _admit_publisher(self, peer: Peer) -> None:
        """Bring what the peer may send in line with the policy."""
        allowed = self.authority.allowed.get(peer.user) if peer.user else None
        if allowed is None:
            self._silence(peer)
            return
        if peer.publisher is None:
            peer.publisher = Publisher(peer.user, self._relay_ssrc, self._context.metrics)
        for kind, track in peer.publisher.tracks.items():
            if kind not in allowed:
                self._forget(track)
        peer.publisher.allow(allowed)
        if peer.transport.is_connected:
            self._publishers[peer.user] = peer

    def _silence(self, peer: Peer) -> None:
        """Take nothing from a peer any more."""
        if peer.publisher is None:
            return
        peer.publisher.allow(frozenset())
        for track in peer.publisher.tracks.values():
            self._forget(track)

    def _make_personal(self, peer: Peer) -> None:
        if peer.personal is not None:
            return
        if (
            len(self._personal) >= MAX_PERSONAL
            and not peer.stage
            and peer.user not in self.authority.allowed
        ):
            return
        for stream in self.streams:
            stream.flush()
        self._leave_slots(peer)
        peer.personal = PersonalStreams(self._slots)
        peer.personal.video_on = peer.has_video
        self._personal[peer.id] = peer

    def _history_of(self, peer: Peer, ssrc: int) -> History | None:
        if peer.personal is None:
            return super()._history_of(peer, ssrc)
        personal = peer.personal.find(ssrc)
        return personal.history if personal is not None else None

    def _find_lost(self, peer: Peer, ssrc: int, lost: list[int]) -> list[bytes]:
        if peer.personal is None:
            return super()._find_lost(peer, ssrc, lost)
        personal = peer.personal.find(ssrc)
        return personal.on_nack(lost) if personal is not None else []

    def _report(self, now_ms: int) -> None:
        reports = {
            i: slot.sender_report(now_ms) for i, slot in enumerate(self._slots) if slot.source
        }
        known = {i: report for i, report in reports.items() if report}
        if known:
            self._sharing.send_rtcp(b"".join(known.values()))
        if known and self._feed is not None:
            self._feed.reports(known)
        for peer in self._personal.values():
            streams = peer.personal.streams if peer.personal else []
            report = b"".join(
                filter(None, (stream.sender_report(now_ms) for stream in streams if stream.source))
            )
            if report:
                peer.transport.send_rtcp(report)

    def _find(self, user: str | None, kind: MediaKind) -> Track | None:
        """Return the track of a person, if it may be forwarded."""
        peer = self._publishers.get(user) if user is not None else None
        if peer is None or peer.publisher is None or kind not in peer.publisher.allowed:
            return None
        return peer.publisher.tracks.get(kind)

    def _live(self, kind: MediaKind, now_ms: int) -> list[str]:
        tracks = ((user, self._find(user, kind)) for user in self._publishers)
        return [user for user, track in tracks if track is not None and track.is_live(now_ms)]

    def _detach(self, peer: Peer, reason: str) -> None:
        for track in peer.publisher.tracks.values() if peer.publisher else ():
            self._forget(track)
        self._personal.pop(peer.id, None)
        if self._publishers.get(peer.user) is peer:
            del self._publishers[peer.user]
        super()._detach(peer, reason)

    def _forget(self, track: Track) -> None:
        """Nothing carries or awaits this track any more, from this moment."""
        for slot in self._slots:
            slot.forget(track)
        for peer in self._personal.values():
            if peer.personal is not None:
                peer.personal.forget(track)


def _slot(kind: MediaKind, ssrc: int) -> Slot:
    return Slot(kind, ssrc, PAYLOAD_TYPES[kind], first_sequence=secrets.randbelow(0x4000) + 1)
