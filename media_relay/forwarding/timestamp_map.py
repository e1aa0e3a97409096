"""The timestamps of an outgoing stream, across its sources."""

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import Track
from media_relay.rtcp.clocks import CaptureClock

# So far from what passed between their arrivals the time between two captures may be; what is
# further is no delay on the way, but clocks that disagree or stood still.
MAX_OFF_MS = 500
LEAST_STEP_MS = {MediaKind.MICROPHONE: 20, MediaKind.CAMERA: 1, MediaKind.SCREEN: 1}


class TimestampMap:
    """Joins sources so that the distance of two timestamps is the time between the two captures.

    That keeps the stream's relation of NTP and RTP time the same through a switch, and with it the
    lips to the voice.
    """

    __slots__ = (
        "_clock",
        "_difference",
        "_last_ms",
        "_last_source",
        "_least_step_ms",
        "_rate",
        "_started",
    )

    def __init__(self, kind: MediaKind) -> None:
        self._rate = kind.clock_rate
        self._least_step_ms = LEAST_STEP_MS[kind]
        self._clock: CaptureClock | None = None
        self._started = False
        self._difference = 0  # Added to the source's timestamps.
        # The source's timestamp of the newest packet, and when that packet came.
        self._last_source = 0
        self._last_ms = 0

    def join(self, track: Track, now_ms: int) -> None:
        """Let `track` go on with the packet it took last."""
        if self._started and self._clock is not None:
            before_ms = self._clock.capture_ms(self._last_source, self._last_ms)
            passed_ms = track.clock.capture_ms(track.timestamp, now_ms) - before_ms
            if abs(passed_ms - (now_ms - self._last_ms)) > MAX_OFF_MS:
                passed_ms = now_ms - self._last_ms
            passed_ms = max(self._least_step_ms, passed_ms)
            timestamp = self.translate(self._last_source) + round(passed_ms * self._rate / 1000)
            self._difference = timestamp - track.timestamp
        self._clock = track.clock

    def translate(self, timestamp_rtp: int) -> int:
        """Return the outgoing timestamp for one of the source's."""
        return (timestamp_rtp + self._difference) & 0xFFFF_FFFF

    def advance(self, timestamp_rtp: int, now_ms: int) -> None:
        """Note the source's timestamp of the newest packet."""
        self._last_source = timestamp_rtp
        self._last_ms = now_ms
        self._started = True

    def now(self, now_ms: int) -> int | None:
        """Return the outgoing timestamp of what is captured right now; None before any packet."""
        if not self._started or self._clock is None:
            return None
        since = now_ms - self._clock.capture_ms(self._last_source, self._last_ms)
        return (self.translate(self._last_source) + round(since * self._rate / 1000)) & 0xFFFF_FFFF

    @property
    def last(self) -> int:
        """The newest outgoing timestamp."""
        return self.translate(self._last_source)
