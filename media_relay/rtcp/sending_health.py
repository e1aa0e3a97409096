"""How well a speaker's path carries what they send: others hear and see it worse before they notice
themselves.
"""

from media_relay.protocol.relay import PathQuality
from media_relay.rtcp.health import FULL_PACKETS, GOOD_LOSS, POOR_LOSS, WEIGHT

# So long beyond POOR_LOSS until the speaker is told: a hiccup is over before it is read.
POOR_MS = 3000
GOOD_MS = 5000  # So long below GOOD_LOSS until it is taken back.


class SendingHealth:
    """The state of one speaker's path: never `AUDIO_ONLY`, for what they send is theirs to stop.

    Judged by what was lost before anything was mended.
    """

    __slots__ = ("_expected", "_lost", "_since", "level", "loss")

    def __init__(self) -> None:
        self.level = PathQuality.GOOD
        self.loss = 0.0  # Share of what was sent, as a running mean.
        self._expected: int | None = None  # Totals at the last report.
        self._lost = 0
        self._since: int | None = None  # How long the loss has spoken against `level`.

    def on_totals(self, expected: int, lost: int, now_ms: int) -> None:
        """Take the running totals of all tracks, about once a second.

        Totals that go back (a track has ended) begin a new interval.
        """
        before, lost_before = self._expected, self._lost
        self._expected, self._lost = expected, lost
        if before is None or expected <= before:
            return
        packets = expected - before
        share = max(0, lost - lost_before) / packets
        self.loss += (share - self.loss) * WEIGHT * min(1.0, packets / FULL_PACKETS)
        self._judge(now_ms)

    def on_silence(self) -> None:
        """Nothing is sent, so nothing is known, and nobody misses anything."""
        self.level, self.loss = PathQuality.GOOD, 0.0
        self._expected = self._since = None

    def _judge(self, now_ms: int) -> None:
        is_good = self.level is PathQuality.GOOD
        if (self.loss <= POOR_LOSS) if is_good else (self.loss >= GOOD_LOSS):
            self._since = None
            return
        if self._since is None:
            self._since = now_ms
        if now_ms - self._since >= (POOR_MS if is_good else GOOD_MS):
            self.level, self._since = (PathQuality.POOR if is_good else PathQuality.GOOD), None
