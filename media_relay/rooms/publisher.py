"""What one connection sends: its microphone, camera and screen, and what it is told about them."""

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import Track
from media_relay.metrics import Drop, Metrics
from media_relay.rtcp.clocks import SenderClock
from media_relay.rtcp.feedback import PublisherFeedback
from media_relay.rtp import extensions, rtx
from media_relay.rtp.packet import ssrc as ssrc_of
from media_relay.signalling.codecs import (
    EXT_AUDIO_LEVEL,
    EXT_TRANSPORT_CC,
    PAYLOAD_TYPES,
    PAYLOADS,
    Payload,
)

MAX_RTP = 1340  # Decrypted bytes (DESIGN §4.7).
MAX_SSRCS = 32  # In one connection's life; libsrtp keeps a stream for each. A browser uses five.
# Datagrams a second. Opus makes 50, or 100 with short frames; 1500 packets of video are 13 Mbit/s.
PACKETS_PER_S = {MediaKind.MICROPHONE: 250, MediaKind.CAMERA: 1500, MediaKind.SCREEN: 1500}
# While packets are dropped undecrypted every 1024th is opened, for SRTP to count its rollovers.
IN_STEP_MASK = 0x3FF


class Publisher:
    """`allowed` is set by the room from the newest policy. One SSRC per payload type at a time."""

    def __init__(self, user: str, ssrc: int, metrics: Metrics) -> None:
        self.user = user
        self.allowed: frozenset[MediaKind] = frozenset()
        self.tracks: dict[MediaKind, Track] = {}
        self.feedback = PublisherFeedback(ssrc)
        self._metrics = metrics
        self._sender_clock = SenderClock()
        self._ssrcs: dict[int, int] = {}  # Payload type -> its SSRC.
        self._known: set[int] = set()
        self._second = -1
        self._left: dict[MediaKind, int] = {}

    def allow(self, kinds: frozenset[MediaKind]) -> None:
        """Take these kinds from now on and no other; what is no longer taken ends at once."""
        for kind in self.allowed - kinds:
            if track := self.tracks.get(kind):
                track.interrupt()
        self.allowed = kinds

    def admits(self, view: memoryview, now_ms: int) -> bool:
        """Decide by the clear header whether a packet is worth decrypting."""
        payload = PAYLOADS.get(view[1] & 0x7F)
        if payload is None:
            self._metrics.drop(Drop.RTP_UNKNOWN_PAYLOAD)
            return False
        if payload.kind not in self.allowed and (view[2] << 8 | view[3]) & IN_STEP_MASK:
            self._metrics.drop(Drop.RTP_NOT_ALLOWED)
            return False
        if not self._is_ours(view[1] & 0x7F, ssrc_of(view), payload, now_ms):
            self._metrics.drop(Drop.RTP_FOREIGN_SSRC)
            return False
        return self._has_quota(payload.kind, now_ms)

    def on_rtp(self, view: memoryview, length: int, now_ms: int) -> tuple[Track, int] | None:
        """Take a decrypted packet; return its track and its length now, or None if it goes no
        further.

        Raises ValueError if it is not well-formed.
        """
        if length > MAX_RTP:
            self._metrics.drop(Drop.RTP_OVERSIZE)
            return None
        payload_type = view[1] & 0x7F
        payload = PAYLOADS[payload_type]
        self._learn(payload_type, ssrc_of(view))
        if payload.kind not in self.allowed:
            self._metrics.drop(Drop.RTP_NOT_ALLOWED)
            return None
        self._note_arrival(view, length, now_ms)
        track = self._track(payload, ssrc_of(view))
        if payload.rtx:
            length = self._restore(track, view, length, payload.kind)
        if track is None or length == 0:
            return None
        length = track.on_rtp(view, length, now_ms)
        if length == 0:
            self._metrics.drop(Drop.RTP_DUPLICATE)
            return None
        return track, length

    def on_sender_report(self, ssrc: int, ntp: int, timestamp_rtp: int, now_ms: int) -> None:
        for track in self.tracks.values():
            if track.ssrc == ssrc:
                track.on_sender_report(ntp, timestamp_rtp, now_ms)

    def _is_ours(self, payload_type: int, ssrc: int, payload: Payload, now_ms: int) -> bool:
        """Whether the SSRC is the one of this payload type, or may become it."""
        current = self._ssrcs.get(payload_type)
        if current == ssrc:
            return True
        if ssrc not in self._known and len(self._known) >= MAX_SSRCS:
            return False
        # A browser that starts a source anew may draw a new SSRC; the former one must have gone
        # silent first.
        track = self.tracks.get(payload.kind)
        return current is None or track is None or not track.is_live(now_ms)

    def _learn(self, payload_type: int, ssrc: int) -> None:
        """The packet was genuine, so its SSRC counts."""
        self._known.add(ssrc)
        self._ssrcs[payload_type] = ssrc

    def _has_quota(self, kind: MediaKind, now_ms: int) -> bool:
        if now_ms // 1000 != self._second:
            self._second = now_ms // 1000
            self._left = dict(PACKETS_PER_S)
        left = self._left.get(kind, 0)
        if left == 0:
            self._metrics.drop(Drop.RTP_RATE)
            return False
        self._left[kind] = left - 1
        return True

    def _note_arrival(self, view: memoryview, length: int, now_ms: int) -> None:
        found = extensions.find(view, length, EXT_TRANSPORT_CC)
        if found is not None and found[1] == 2:
            at = found[0]
            self.feedback.arrivals.on_packet(view[at] << 8 | view[at + 1], ssrc_of(view), now_ms)

    def _restore(self, track: Track | None, view: memoryview, length: int, kind: MediaKind) -> int:
        """Turn a retransmission back into the packet it repeats; 0 if there is no use for it."""
        return (
            rtx.restore(view, length, PAYLOAD_TYPES[kind], track.ssrc) if track is not None else 0
        )

    def _track(self, payload: Payload, ssrc: int) -> Track | None:
        """Return the track a packet belongs to, a new one if the source began anew."""
        track = self.tracks.get(payload.kind)
        if payload.rtx or (track is not None and track.ssrc == ssrc):
            return track
        if track is not None:
            self.feedback.remove(track)
        track = Track(
            payload.kind, ssrc, self.user, level_id=EXT_AUDIO_LEVEL, sender_clock=self._sender_clock
        )
        self.tracks[payload.kind] = track
        self.feedback.add(track)
        return track
