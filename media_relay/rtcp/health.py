"""How well a listener's path carries what it is sent, from its receiver reports.

Sound comes before picture: a path that loses too much has its picture paused, and resumed when it has been good for a
while; each resumption that fails makes the next wait longer, so that the picture does not come and go.
"""

from enum import StrEnum

from media_relay.rtcp.packets import ReportBlock

WEIGHT = 0.4  # Of the newest report in the running mean, if it speaks of as many packets as a voice in a second.
FULL_PACKETS = 50
MAX_STREAMS = 16  # A peer gets five.
POOR_LOSS = 0.05
PAUSE_LOSS = 0.20  # Retransmission copes with less (DESIGN §5: 10 % must stay watchable).
GOOD_LOSS = 0.03
PAUSE_MS = 3000  # So long beyond PAUSE_LOSS, or beyond PAUSE_RTT_MS, until the picture goes.
PAUSE_RTT_MS = 1500  # A queue of that length is full of our own packets.
RESUME_MS = 8000
MAX_RESUME_MS = 64_000
PROOF_MS = 20_000  # A picture that stayed for so long shows that the path has recovered.


class Level(StrEnum):
    """The words of `relay.health`."""

    GOOD = "good"
    POOR = "poor"
    AUDIO_ONLY = "audio_only"


class Health:
    """The state of one listener's path. Time moves with its reports."""

    __slots__ = ("_bad_since", "_good_since", "_highest", "_resume_ms", "_resumed_at", "level", "loss", "rtt_ms")

    def __init__(self) -> None:
        self.level = Level.GOOD
        self.loss = 0.0
        self.rtt_ms: int | None = None
        self._highest: dict[int, int] = {}  # Of each stream's last report.
        self._bad_since: int | None = None
        self._good_since: int | None = None
        self._resumed_at: int | None = None
        self._resume_ms = RESUME_MS

    def on_report(self, block: ReportBlock, rtt_ms: int | None, now_ms: int) -> bool:
        """Take one report block about one of our streams; returns whether `level` changed."""
        self.loss += (block.fraction_lost / 256 - self.loss) * self._weight(block)
        self.rtt_ms = rtt_ms if rtt_ms is not None else self.rtt_ms
        before = self.level
        if self.level is Level.AUDIO_ONLY:
            self._consider_resuming(now_ms)
        else:
            self._consider_pausing(now_ms)
        return self.level is not before

    @property
    def wants_video(self) -> bool:
        return self.level is not Level.AUDIO_ONLY

    def _weight(self, block: ReportBlock) -> float:
        """Return how much a report counts: silent slots send reports as well, and say nothing of the path."""
        before = self._highest.get(block.ssrc)
        if before is None and len(self._highest) >= MAX_STREAMS:
            return 0.0
        self._highest[block.ssrc] = block.highest
        packets = 0 if before is None else max(0, block.highest - before)
        return WEIGHT * min(1.0, packets / FULL_PACKETS)

    def _consider_pausing(self, now_ms: int) -> None:
        self.level = Level.POOR if self.loss > (GOOD_LOSS if self.level is Level.POOR else POOR_LOSS) else Level.GOOD
        if self.loss < PAUSE_LOSS and (self.rtt_ms or 0) < PAUSE_RTT_MS:
            self._bad_since = None
            return
        self.level = Level.POOR
        if self._bad_since is None:
            self._bad_since = now_ms
        if now_ms - self._bad_since >= PAUSE_MS:
            self._pause(now_ms)

    def _pause(self, now_ms: int) -> None:
        failed = self._resumed_at is not None and now_ms - self._resumed_at < PROOF_MS
        self._resume_ms = min(self._resume_ms * 2, MAX_RESUME_MS) if failed else RESUME_MS
        self.level = Level.AUDIO_ONLY
        self._bad_since = self._good_since = None

    def _consider_resuming(self, now_ms: int) -> None:
        if self.loss > GOOD_LOSS or (self.rtt_ms or 0) >= PAUSE_RTT_MS:
            self._good_since = None
            return
        if self._good_since is None:
            self._good_since = now_ms
        if now_ms - self._good_since >= self._resume_ms:
            self.level = Level.GOOD
            self._resumed_at = now_ms
