"""What one connection sends: its microphone, camera and screen, and what it is told about them."""

from collections.abc import Mapping

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import Track
from media_relay.metrics import Drop, Metrics
from media_relay.rooms.source_limits import SOURCE_LIMITS, SourceBudget, SourceLimit
from media_relay.rtcp.clocks import SenderClock
from media_relay.rtcp.feedback import PublisherFeedback
from media_relay.rtp import extensions, rtx
from media_relay.rtp.packet import ssrc as ssrc_of
from media_relay.signalling.codecs import (
    EXT_AUDIO_LEVEL,
    EXT_TRANSPORT_CC,
    PAYLOAD_TYPES,
    PAYLOADS,
)

MAX_RTP = 1340  # Decrypted bytes (DESIGN §4.7).
MAX_SSRCS = 32  # In one connection's life; libsrtp keeps a stream for each. A browser uses five.
# While packets are dropped undecrypted every 1024th is opened, for SRTP to count its rollovers.
IN_STEP_MASK = 0x3FF


class Publisher:
    """What a peer sends; `allowed` is set by the room. One SSRC per payload type at a time."""

    def __init__(
        self,
        user: str,
        ssrc: int,
        metrics: Metrics,
        limits: Mapping[MediaKind, SourceLimit] = SOURCE_LIMITS,
    ) -> None:
        self.user = user
        self.allowed: frozenset[MediaKind] = frozenset()
        self.tracks: dict[MediaKind, Track] = {}
        self.feedback = PublisherFeedback(ssrc)
        self._metrics = metrics
        self._sender_clock = SenderClock()
        self._ssrcs: dict[int, int] = {}  # Payload type -> its SSRC.
        self._known: set[int] = set()
        self._budgets = {kind: SourceBudget(limit) for kind, limit in limits.items()}

    def allow(self, kinds: frozenset[MediaKind]) -> None:
        """Take these kinds from now on and no other; what is no longer taken ends at once."""
        for kind in self.allowed - kinds:
            if track := self.tracks.get(kind):
                track.interrupt()
        self.allowed = kinds

    def admits(self, view: memoryview, length: int, now_ms: int) -> bool:
        """Decide by the clear header whether a datagram is worth decrypting.

        One that is over its source's limit counts as lost: the publisher is told so, and of a lower
        bitrate, with the next report.
        """
        payload_type = view[1] & 0x7F
        payload = PAYLOADS.get(payload_type)
        if payload is None:
            self._metrics.drop(Drop.RTP_UNKNOWN_PAYLOAD)
            return False
        kind = payload.kind
        if kind not in self.allowed and (view[2] << 8 | view[3]) & IN_STEP_MASK:
            self._metrics.drop(Drop.RTP_NOT_ALLOWED)
            return False
        ssrc = ssrc_of(view)
        current = self._ssrcs.get(payload_type)
        # A browser has one SSRC for each payload type at a time.
        if current != ssrc and not self._may_become(ssrc, current, kind, now_ms):
            self._metrics.drop(Drop.RTP_FOREIGN_SSRC)
            return False
        # Its repetitions, which have a payload type of their own, count with it.
        over = self._budgets[kind].spend(length, now_ms)
        if over is not None:
            self._metrics.drop(over)
            return False
        return True

    def on_rtp(self, view: memoryview, length: int, now_ms: int) -> tuple[Track, int] | None:
        """Take a decrypted packet; return its track and its length now, None if it ends here.

        Raises ValueError if it is not well-formed.
        """
        if length > MAX_RTP:
            self._metrics.drop(Drop.RTP_OVERSIZE)
            return None
        payload_type = view[1] & 0x7F
        payload = PAYLOADS[payload_type]
        ssrc = ssrc_of(view)
        # The packet was genuine, so its SSRC counts.
        self._known.add(ssrc)
        self._ssrcs[payload_type] = ssrc
        if payload.kind not in self.allowed:
            self._metrics.drop(Drop.RTP_NOT_ALLOWED)
            return None
        # Before the extensions are taken off: each packet has a number of its own for the path.
        found = extensions.find(view, length, EXT_TRANSPORT_CC)
        # The number has two bytes; anything else is not what the offer asked for.
        if found is not None and found[1] == 2:
            at = found[0]
            self.feedback.arrivals.on_packet(view[at] << 8 | view[at + 1], ssrc, now_ms)
        track = self.tracks.get(payload.kind)
        if payload.rtx:
            if track is None:
                return None  # Nothing that it could repeat has come.
            length = rtx.restore(view, length, PAYLOAD_TYPES[payload.kind], track.ssrc)
            if length == 0:
                return None  # A probe of the path.
        elif track is None or track.ssrc != ssrc:
            track = self._begin_track(payload.kind, ssrc)
        length = track.on_rtp(view, length, now_ms)
        if length == 0:
            self._metrics.drop(Drop.RTP_DUPLICATE)
            return None
        return track, length

    def on_sender_report(self, ssrc: int, ntp: int, timestamp_rtp: int, now_ms: int) -> None:
        for track in self.tracks.values():
            if track.ssrc == ssrc:
                track.on_sender_report(ntp, timestamp_rtp, now_ms)

    def _may_become(self, ssrc: int, current: int | None, kind: MediaKind, now_ms: int) -> bool:
        """Return whether `ssrc` may become the one of its payload type, in place of `current`."""
        if ssrc not in self._known and len(self._known) >= MAX_SSRCS:
            return False
        # A browser that starts a source anew may draw a new SSRC; the former one must have gone
        # silent first.
        track = self.tracks.get(kind)
        return current is None or track is None or not track.is_live(now_ms)

    def _begin_track(self, kind: MediaKind, ssrc: int) -> Track:
        """Return a new track; a former one of this kind has ended."""
        if former := self.tracks.get(kind):
            self.feedback.remove(former)
        track = Track(
            kind, ssrc, self.user, level_id=EXT_AUDIO_LEVEL, sender_clock=self._sender_clock
        )
        self.tracks[kind] = track
        self.feedback.add(track)
        return track
