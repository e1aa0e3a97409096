"""How much a publisher is told it may send (REMB), from the loss it suffers.

Chromium starts a camera at 300 kbit/s and climbs only when it is told that the path carries more.
The rule is that of Google congestion control's loss-based part (draft-ietf-rmcat-gcc-02 §6): up
while nothing is lost, hold, down in step with the loss. Where transport-wide feedback is negotiated
the browser finds the figure itself and this is a lid.
"""

# Enough for a good picture at once; a browser without loss takes it in its first two seconds.
START_BPS = 1_200_000
MIN_BPS = 100_000
# All of one person's streams together, camera 720p and screen: a publisher's upper bound.
MAX_BPS = 2_500_000
GROWTH_PER_S = 1.08
LOW_LOSS = 0.02
HIGH_LOSS = 0.10
INTERVAL_MS = 1000


class BandwidthEstimate:
    """The bitrate one publisher may send with all its streams."""

    __slots__ = ("_expected", "_lost", "_updated_ms", "bitrate_bps", "max_bps")

    def __init__(self, max_bps: int = MAX_BPS) -> None:
        self.max_bps = max_bps
        self.bitrate_bps = min(START_BPS, max_bps)
        self._expected = 0
        self._lost = 0
        self._updated_ms: int | None = None

    def update(self, expected: int, lost: int, now_ms: int) -> int:
        """Take the running totals of all tracks and return the bitrate now; it moves once a second.

        Totals that go back (a track has ended) begin a new interval.
        """
        if self._updated_ms is None or expected < self._expected:
            self._begin(expected, lost, now_ms)
            return self.bitrate_bps
        elapsed_ms = now_ms - self._updated_ms
        if elapsed_ms < INTERVAL_MS:
            return self.bitrate_bps
        packets = expected - self._expected
        if packets > 0:  # Else nothing was sent, so nothing is known.
            loss = max(0, lost - self._lost) / packets
            bitrate = float(self.bitrate_bps)
            if loss < LOW_LOSS:
                # Feedback may have paused; no more than three seconds' growth at once.
                bitrate *= GROWTH_PER_S ** min(elapsed_ms / 1000, 3)
            elif loss > HIGH_LOSS:
                bitrate *= 1 - loss / 2
            self.bitrate_bps = round(max(MIN_BPS, min(bitrate, self.max_bps)))
        self._begin(expected, lost, now_ms)
        return self.bitrate_bps

    def _begin(self, expected: int, lost: int, now_ms: int) -> None:
        self._expected = expected
        self._lost = lost
        self._updated_ms = now_ms
