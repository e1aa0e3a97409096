"""How well a speaker's path carries what they send: others notice it before they do."""

from media_relay.protocol.relay import PathQuality
from media_relay.rtcp.health import FULL_PACKETS, GOOD_LOSS, POOR_LOSS, WEIGHT

# So long beyond POOR_LOSS until the speaker is told: a hiccup is over before it is read.
POOR_MS = 3000
GOOD_MS = 5000  # So long below GOOD_LOSS until it is taken back.


class SendingHealth:
    """The quality of one speaker's path, by what was lost before anything was sent again.

    It is never `AUDIO_ONLY`: what they send is theirs to stop.
    """

    __slots__ = ("_expected", "_lost", "_since", "loss", "quality")

    def __init__(self) -> None:
        self.quality = PathQuality.GOOD
        self.loss = 0.0  # Share of what was sent, as a running mean.
        self._expected: int | None = None  # Totals at the last report.
        self._lost = 0
        self._since: int | None = None  # How long the loss has spoken against `quality`.

    def on_totals(self, expected: int, lost: int, now_ms: int) -> None:
        """Take the running totals of all tracks, about once a second.

        Totals that go back (a track has ended) begin a new interval.
        """
        expected_before = self._expected
        lost_before = self._lost
        self._expected = expected
        self._lost = lost
        if expected_before is None or expected <= expected_before:
            return
        packets = expected - expected_before
        share = max(0, lost - lost_before) / packets
        self.loss += (share - self.loss) * WEIGHT * min(1.0, packets / FULL_PACKETS)
        if self.quality is PathQuality.GOOD:
            self._change_after(POOR_MS, PathQuality.POOR, self.loss > POOR_LOSS, now_ms)
        else:
            self._change_after(GOOD_MS, PathQuality.GOOD, self.loss < GOOD_LOSS, now_ms)

    def _change_after(
        self, wait_ms: int, quality: PathQuality, speaks_for_it: bool, now_ms: int
    ) -> None:
        """Change to `quality` once the loss has spoken for it for so long."""
        if not speaks_for_it:
            self._since = None
            return
        if self._since is None:
            self._since = now_ms
        if now_ms - self._since >= wait_ms:
            self.quality = quality
            self._since = None

    def on_silence(self) -> None:
        """Nothing is sent, so nothing is known and nothing is missed."""
        self.quality = PathQuality.GOOD
        self.loss = 0.0
        self._expected = None
        self._since = None
