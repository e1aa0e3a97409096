"""One Space on this relay: its peers, its slots, who is heard and who is seen."""

import logging
import secrets

from media_relay.context import Context
from media_relay.forwarding.allocator import Allocator, Assignment
from media_relay.forwarding.kind import Kind
from media_relay.forwarding.slot import Slot
from media_relay.forwarding.track import Track
from media_relay.metrics import Drop
from media_relay.peer import Peer
from media_relay.personal import PersonalStreams, point, shown
from media_relay.protocol import OpenPeer, Policy, Sources
from media_relay.publisher import Publisher
from media_relay.signalling.codecs import PAYLOAD_TYPES
from media_relay.signalling.offer import SLOT_KINDS, OfferTemplate, Slots
from media_relay.stream import SharedStream
from media_relay.transport.fanout import Fanout

UPDATE_MS = 50
REPORT_MS = 1000
FRESH_KEY_FRAME_MS = 1000  # A key frame so young is still on its way to whoever asks; another would harm all others.
EMPTY_MS = 60_000  # How long a room without peers is kept: SSRCs and speakers stay the same for those who come back.

log = logging.getLogger(__name__)


class Room:
    """Knows nothing of sockets or Redis. `now_ms` is the relay's clock throughout."""

    def __init__(self, space: str, context: Context) -> None:
        self.space = space
        self.peers: dict[str, Peer] = {}
        self.allocator = Allocator()
        ssrcs = Slots.draw()
        self.streams = [
            SharedStream(_slot(kind, ssrc), context.outbox, context.later)
            for kind, ssrc in zip(SLOT_KINDS, ssrcs.ssrcs, strict=True)
        ]
        self._by_ssrc = {stream.slot.ssrc: stream for stream in self.streams}
        self._slots = [stream.slot for stream in self.streams]
        self._context = context
        self._offer = OfferTemplate(context.endpoint, ssrcs)
        self._everyone = Fanout(context.outbox)  # All who share the slots, for their sender reports.
        self._personal: dict[str, Peer] = {}
        self._publishers: dict[str, Peer] = {}  # User -> the connection whose tracks count.
        self._policy: Policy | None = None
        self._policy_ms = 0
        self._allowed: dict[str, frozenset[Kind]] = {}
        self._told = Assignment()
        self._updated_ms = self._reported_ms = 0
        self._relay_ssrc = secrets.randbelow(0xFFFF_FFFE) + 1
        self._last_peer_ms = context.clock()

    # --- what the web says

    def open(self, request: OpenPeer) -> tuple[Peer, str]:
        """Make a peer and return it with its offer."""
        self.apply(request.policy)
        peer = Peer(request, self, self._context)
        self.peers[peer.id] = peer
        return peer, self._offer.text_for(peer.transport.agent.ufrag, peer.transport.agent.password)

    def assignment_for(self, peer: Peer) -> Assignment:
        return peer.personal.told if peer.personal is not None else self._told

    def apply(self, policy: Policy) -> None:
        """Take a policy over at once; an older one than we have says nothing."""
        if policy.space != self.space or (self._policy is not None and policy.rev < self._policy.rev):
            return
        self._policy, self._policy_ms = policy, self._context.clock()
        self._enforce(policy)

    def pin(self, peer: Peer, user: str | None) -> None:
        """Let this viewer see `user` whoever speaks."""
        peer.pin = user
        if user is not None and peer.transport.is_connected:
            self._make_personal(peer)
        self.update()

    def close(self, reason: str) -> None:
        """End it for everybody. Each is told why."""
        for peer in list(self.peers.values()):
            self.drop(peer, reason)

    def drop(self, peer: Peer, reason: str) -> None:
        """End one connection from our side and tell its socket."""
        self.on_gone(peer, reason)
        peer.transport.close()

    def remove(self, peer: Peer, reason: str) -> None:
        """End one connection because its socket has gone: there is nobody to tell."""
        self._detach(peer, reason)
        peer.transport.close()

    # --- packets: no allocation that can be avoided, no log, no await

    def on_packet(self, peer: Peer, track: Track, view: memoryview, length: int, now_ms: int) -> None:
        if self._publishers.get(peer.user) is not peer:
            self._context.metrics.drop(Drop.RTP_NOT_FORWARDED)
            return
        if not track.is_video:
            self.allocator.on_audio(peer.user, track.level, track.end - track.start, now_ms)
        if track.statistics.packets_received == 1:
            self.update()
        for stream in self.streams:
            if stream.slot.kind is track.kind and stream.accept(track, view, length, now_ms):
                break
        for other in self._personal.values():
            if other is not peer and other.personal is not None:
                other.personal.accept(track, view, length, now_ms, other.transport.send_rtp)

    def on_nack(self, peer: Peer, ssrc: int, lost: list[int]) -> None:
        found = self._retransmit(peer, ssrc, lost)
        self._context.metrics.retransmitted += found
        self._context.metrics.drops[Drop.NACK_MISS] += len(lost) - found

    def on_key_frame_request(self, peer: Peer, ssrc: int) -> None:
        """A listener cannot show what it has. One person's loss is not a reason for key frames to all in a row."""
        stream = peer.personal.find(ssrc) if peer.personal else None
        shared = self._by_ssrc.get(ssrc)
        if shared is None or not peer.has_video:
            return
        stream = stream or shared.slot
        track = stream.source
        fresh = track is not None and track.last_key_frame_ms is not None
        if fresh and self._context.clock() - (track.last_key_frame_ms or 0) < FRESH_KEY_FRAME_MS:
            return
        stream.on_key_frame_request()

    def is_slot(self, ssrc: int) -> bool:
        return ssrc in self._by_ssrc

    # --- peers coming and going

    def on_connected(self, peer: Peer) -> None:
        for other in [other for other in self.peers.values() if other.user == peer.user != "" and other is not peer]:
            if other.transport.is_connected:
                self.drop(other, "replaced")
        if peer.stage or peer.user in self._allowed or peer.pin is not None:
            self._make_personal(peer)
        else:
            self._everyone.add(peer.transport)
            self.on_video_changed(peer)
        self._admit_publisher(peer)
        peer.notify("connected")
        self.update()

    def on_moved(self, peer: Peer) -> None:
        self._everyone.move(peer.transport)
        for stream in self.streams:
            stream.move(peer.transport)

    def on_gone(self, peer: Peer, reason: str) -> None:
        self._detach(peer, reason)
        peer.notify("closed", reason=reason)

    def on_video_changed(self, peer: Peer) -> None:
        """Give the peer the slots that it takes now."""
        if not peer.transport.is_connected:
            return
        if peer.personal is not None:
            peer.personal.set_video(peer.has_video)
            return
        now_ms = self._context.clock()
        for stream in self.streams:
            if stream.slot.kind not in peer.receives:
                continue
            if stream.slot.kind.is_video and not peer.has_video:
                stream.pause(peer.transport)
            else:
                stream.join(peer.transport, now_ms)

    # --- the passing of time

    def tick(self, now_ms: int) -> None:
        """Do all that is due; called every 20 ms while there are peers."""
        if now_ms - self._updated_ms >= UPDATE_MS:
            self._check_lease(now_ms)
            self.update()
        for peer in self._publishers.values():
            self._send_feedback(peer, now_ms)
        for stream in self.streams:
            stream.tick(now_ms)
        if now_ms - self._reported_ms >= REPORT_MS:
            self._reported_ms = now_ms
            self._report(now_ms)

    def tick_transports(self, now_ms: int) -> None:
        """Look at every peer's timers; called a few times a second."""
        for peer in list(self.peers.values()):
            peer.transport.tick(now_ms)
        if self.peers:
            self._last_peer_ms = now_ms

    def is_over(self, now_ms: int) -> bool:
        return not self.peers and now_ms - self._last_peer_ms > EMPTY_MS

    def update(self) -> None:
        """Decide who is heard and seen, and tell those who should know."""
        now_ms = self._updated_ms = self._context.clock()
        self.allocator.update(now_ms, self._live(Kind.CAMERA, now_ms), self._live(Kind.SCREEN, now_ms))
        point(self._slots, self.allocator.room, self._find, now_ms)
        told = shown(self._slots, self.allocator.room)
        if told != self._told:
            self._told = told
            message = {"type": "relay.speaker", "personal": False, "assigned": told.as_message()}
            self._context.notifier.to_space(self.space, message)
        for peer in self._personal.values():
            self._update_personal(peer, now_ms)

    # --- inside

    def _update_personal(self, peer: Peer, now_ms: int) -> None:
        if peer.personal is None:
            return
        assignment = self.allocator.personal(peer.user, peer.pin)
        point(peer.personal.streams, assignment, self._find, now_ms)
        told = shown(peer.personal.streams, assignment)
        if told != peer.personal.told:
            peer.personal.told = told
            peer.notify("speaker", personal=True, assigned=told.as_message())

    def _enforce(self, policy: Policy) -> None:
        """Make the policy true: who may send what, and who has streams of their own."""
        self._allowed = self._capped(policy)
        self.allocator.set_policy(policy)
        for peer in list(self.peers.values()):
            self._admit_publisher(peer)
            if peer.user in self._allowed and peer.transport.is_connected:
                self._make_personal(peer)
        self.update()

    def _capped(self, policy: Policy) -> dict[str, frozenset[Kind]]:
        """Return who may send what; a policy with more people than a stage holds is cut, those who are there first."""
        users = sorted(policy.publishers, key=lambda user: user not in self._allowed)
        return {user: _kinds(policy.publishers[user]) for user in users[: self._context.max_publishers]}

    def _admit_publisher(self, peer: Peer) -> None:
        """Bring what the peer may send in line with the policy."""
        if peer.user == "":
            return
        allowed = self._allowed.get(peer.user)
        if allowed is None:
            if peer.publisher is not None:
                peer.publisher.allow(frozenset())
                self._forget_tracks(peer)
            return
        if peer.publisher is None:
            peer.publisher = Publisher(peer.user, self._relay_ssrc, self._context.metrics)
        for kind, track in peer.publisher.tracks.items():
            if kind not in allowed:
                self._forget(track)
        peer.publisher.allow(allowed)
        if peer.transport.is_connected:
            self._publishers[peer.user] = peer

    def _check_lease(self, now_ms: int) -> None:
        """Without a word from the web for so long nobody publishes; listening goes on (DESIGN §4.5)."""
        if self._policy is None or not self._allowed or now_ms - self._policy_ms <= Policy.LEASE_S * 1000:
            return
        log.warning("Space %s: no policy for %d s, publishing stops.", self.space, Policy.LEASE_S)
        self._enforce(Policy(self.space, self._policy.rev))

    def _make_personal(self, peer: Peer) -> None:
        if peer.personal is not None:
            return
        for stream in self.streams:
            stream.flush()
            stream.leave(peer.transport)
        self._everyone.discard(peer.transport)
        peer.personal = PersonalStreams(self._slots)
        peer.personal.video_on = peer.has_video
        self._personal[peer.id] = peer

    def _retransmit(self, peer: Peer, ssrc: int, lost: list[int]) -> int:
        stream = self._by_ssrc.get(ssrc)
        if stream is None:
            return 0
        if peer.personal is None:
            return stream.retransmit(peer.transport, lost)
        personal = peer.personal.find(ssrc)
        packets = personal.on_nack(lost) if personal is not None else []
        for packet in packets:
            peer.transport.send_rtp(packet)
        return len(packets)

    def _send_feedback(self, peer: Peer, now_ms: int) -> None:
        if peer.publisher is None:
            return
        feedback = peer.publisher.feedback.collect(now_ms)
        if feedback:
            peer.transport.send_rtcp(feedback)

    def _report(self, now_ms: int) -> None:
        """Send everybody the sender reports of what they get (RFC 3550 §6.4.1)."""
        shared = b"".join(filter(None, (slot.sender_report(now_ms) for slot in self._slots if slot.source)))
        if shared:
            self._everyone.send_rtcp(shared)
        for peer in self._personal.values():
            streams = peer.personal.streams if peer.personal else []
            report = b"".join(filter(None, (stream.sender_report(now_ms) for stream in streams if stream.source)))
            if report:
                peer.transport.send_rtcp(report)

    def _find(self, user: str | None, kind: Kind) -> Track | None:
        """Return the track of a person, if it may be forwarded."""
        peer = self._publishers.get(user) if user is not None else None
        if peer is None or peer.publisher is None or kind not in peer.publisher.allowed:
            return None
        return peer.publisher.tracks.get(kind)

    def _live(self, kind: Kind, now_ms: int) -> list[str]:
        live = []
        for user in self._publishers:
            track = self._find(user, kind)
            if track is not None and track.is_live(now_ms):
                live.append(user)
        return live

    def _detach(self, peer: Peer, reason: str) -> None:
        """Take a peer out of everything, before its transport frees the keys that the fan-out works with."""
        if self.peers.pop(peer.id, None) is None:
            return
        self._context.metrics.closed(reason)
        self._forget_tracks(peer)
        self._everyone.discard(peer.transport)
        for stream in self.streams:
            stream.leave(peer.transport)
        self._personal.pop(peer.id, None)
        if self._publishers.get(peer.user) is peer:
            del self._publishers[peer.user]
        self.update()

    def _forget_tracks(self, peer: Peer) -> None:
        for track in peer.publisher.tracks.values() if peer.publisher else ():
            self._forget(track)

    def _forget(self, track: Track) -> None:
        """Nothing carries or awaits this track any more, from this moment."""
        for slot in self._slots:
            slot.forget(track)
        for peer in self._personal.values():
            if peer.personal is not None:
                peer.personal.forget(track)


def _slot(kind: Kind, ssrc: int) -> Slot:
    return Slot(kind, ssrc, PAYLOAD_TYPES[kind], first_sequence=secrets.randbelow(0x4000) + 1)


def _kinds(sources: Sources) -> frozenset[Kind]:
    wanted = {Kind.MICROPHONE: sources.microphone, Kind.CAMERA: sources.camera, Kind.SCREEN: sources.screen}
    return frozenset(kind for kind, on in wanted.items() if on)
