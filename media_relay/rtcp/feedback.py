"""What one publisher is told, in one packet, and how much a listener may have sent again."""

from media_relay.forwarding.track import Track
from media_relay.rtcp.arrivals import ArrivalLog
from media_relay.rtcp.bandwidth import BandwidthEstimate
from media_relay.rtcp.packets import (
    encode_nack,
    encode_pli,
    encode_receiver_report,
    encode_remb,
)
from media_relay.rtcp.reports import report_block
from media_relay.rtcp.sending_health import SendingHealth

# Receiver report and bitrate; Chromium's loss-based control expects about one a second.
REPORT_MS = 1000


class PublisherFeedback:
    """Owns what one publishing connection is told.

    `collect` is called on every tick and after a PLI was wanted.
    """

    def __init__(self, ssrc: int, bandwidth: BandwidthEstimate | None = None) -> None:
        """`ssrc` stands for the relay as a receiver: any that the connection does not use."""
        self.ssrc = ssrc
        self.tracks: list[Track] = []
        self.bandwidth = bandwidth or BandwidthEstimate()
        self.arrivals = ArrivalLog(ssrc)
        self.health = SendingHealth()
        self._reported_ms: int | None = None

    def add(self, track: Track) -> None:
        if track not in self.tracks:
            self.tracks.append(track)

    def remove(self, track: Track) -> None:
        if track in self.tracks:
            self.tracks.remove(track)

    def on_round_trip(self, rtt_ms: int) -> None:
        """Set how long to wait for a lost packet before asking again."""
        for track in self.tracks:
            track.nacks.on_round_trip(rtt_ms)

    def collect(self, now_ms: int) -> bytes:
        """Return a compound RTCP packet for the publisher, or b"" if there is nothing to say.

        While anything is sent a report leads it once a second; between those it has no leading
        report: the SDP must offer `rtcp-rsize` (RFC 5506).
        """
        parts: list[bytes] = []
        live = [track for track in self.tracks if track.is_live(now_ms)]
        if not live:
            self.health.on_silence()
        elif self._reported_ms is None or now_ms - self._reported_ms >= REPORT_MS:
            self._reported_ms = now_ms
            expected = sum(track.statistics.expected for track in self.tracks)
            lost_packets = sum(track.statistics.lost for track in self.tracks)
            bitrate = self.bandwidth.update(expected, lost_packets, now_ms)
            self.health.on_totals(expected, lost_packets, now_ms)
            blocks = [report_block(track, now_ms) for track in live]
            parts.append(encode_receiver_report(self.ssrc, blocks))
            parts.append(encode_remb(self.ssrc, bitrate, [track.ssrc for track in live]))
        for track in self.tracks:
            lost = track.nacks.due(now_ms)
            if lost:
                parts.append(encode_nack(self.ssrc, track.ssrc, lost))
            if track.nacks.take_given_up() and track.is_video:
                track.key_frames.request()
            # A camera that is off would not answer.
            if track.key_frames.wanted and track.is_live(now_ms) and track.key_frames.due(now_ms):
                parts.append(encode_pli(self.ssrc, track.ssrc))
        arrivals = self.arrivals.due(now_ms)
        if arrivals is not None:
            parts.append(arrivals)
        return b"".join(parts)


class RetransmissionBudget:
    """Bounds what one listener's NACKs may cost.

    Without it a few bytes of NACK, repeated, would make the relay send megabytes.
    """

    PER_S = 200  # Packets; 10 % loss of a 720p talk with its sound is about 20.
    BURST = 200
    # A second NACK for the same packet within the shortest round trip is a duplicate.
    AGAIN_MS = 20
    REMEMBERED = 256

    __slots__ = ("_asked", "_tokens", "_updated_ms")

    def __init__(self) -> None:
        # SSRC and sequence number -> when it was last allowed.
        self._asked: dict[tuple[int, int], int] = {}
        self._tokens = float(self.BURST)
        self._updated_ms: int | None = None

    def allow(self, ssrc: int, lost: tuple[int, ...], now_ms: int) -> list[int]:
        """Return those numbers of a NACK for our stream `ssrc` that may be sent again now."""
        if self._updated_ms is not None:
            refill = (now_ms - self._updated_ms) * self.PER_S / 1000
            self._tokens = min(self.BURST, self._tokens + refill)
        self._updated_ms = now_ms
        if len(self._asked) > self.REMEMBERED:
            self._asked = {
                key: at for key, at in self._asked.items() if now_ms - at < self.AGAIN_MS
            }
        allowed: list[int] = []
        for seq in lost:
            at = self._asked.get((ssrc, seq))
            if self._tokens < 1 or (at is not None and now_ms - at < self.AGAIN_MS):
                continue
            self._tokens -= 1
            self._asked[ssrc, seq] = now_ms
            allowed.append(seq)
        return allowed
