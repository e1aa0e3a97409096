"""The replay's line of time: where a moment of the recording is in it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from media_relay.egress.rendering.log_summary import SegmentSpan

# A hole that a dead process left is kept up to here, so that all clocks stay true.
MOST_GAP_US = 30_000_000
CUT_GAP_US = 1_000_000  # What is left of a longer one.


@dataclass(frozen=True)
class Gap:
    """Nothing was recorded from `start_ms` to `end_ms` of the replay."""

    start_ms: int
    end_ms: int


class Timeline:
    """Pauses between a stop and a start are cut out; holes are kept.

    `skip_us` is cut from the begin.
    """

    def __init__(self, pieces: Sequence[SegmentSpan], skip_us: int = 0) -> None:
        self._starts_us: list[int] = []
        self._ends_us: list[int] = []
        self._offsets_us: list[int] = []
        self.gaps: list[Gap] = []
        offset_us = -skip_us
        before: SegmentSpan | None = None
        for piece in pieces:
            if before is not None:
                hole_us = 0 if before.ends_well else piece.begun_us - before.ended_us
                kept_us = hole_us if hole_us <= MOST_GAP_US else CUT_GAP_US
                if kept_us > 0:
                    self.gaps.append(Gap(offset_us // 1000, (offset_us + kept_us) // 1000))
                offset_us += kept_us
            self._starts_us.append(piece.begun_us)
            self._ends_us.append(piece.ended_us)
            self._offsets_us.append(offset_us)
            offset_us += piece.ended_us - piece.begun_us
            before = piece
        self.duration_us = max(offset_us, 0)
        self.gaps = [Gap(max(gap.start_ms, 0), gap.end_ms) for gap in self.gaps if gap.end_ms > 0]
        self.begun_us = self._starts_us[0] + skip_us if self._starts_us else 0

    @property
    def duration_ms(self) -> int:
        return self.duration_us // 1000

    def place_us(self, at_us: float) -> float:
        """Return where a moment is in the replay; negative before its begin.

        One within a cut is at its seam.
        """
        index = max(bisect_right(self._starts_us, at_us) - 1, 0)
        place = self._offsets_us[index] + at_us - self._starts_us[index]
        if index + 1 < len(self._offsets_us):
            return min(place, self._offsets_us[index + 1])
        return place
