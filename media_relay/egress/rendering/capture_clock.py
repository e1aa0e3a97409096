"""When was this captured? Slot packets on the recorder's clock, by the home's sender reports.

A report says when, on the home's clock, what has a certain RTP timestamp was captured; sound and
picture of one person have the same relation there as at their camera. How far the home's clock is
from ours is told by the report that came quickest. A slot's relation may change with whoever is in
it, so a report counts for the stay that it came in.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from media_relay.egress.rendering.log_summary import Moment, ReportPoint
from media_relay.egress.slot_map import SLOTS
from media_relay.protocol.relay import AUDIO_SLOTS
from media_relay.rtp.serial import timestamp_distance

OTHER_CLOCK_MS = 5000.0  # A home whose clock is so far off is another process.
MOST_OFF_US = 3_000_000  # Further from its arrival than this nothing was captured.
_AT = attrgetter("at_us")


class SlotCaptureClock:
    """Answers for packets in any order.

    Sound of slots below `AUDIO_SLOTS` has 48 kHz timestamps, pictures 90 kHz.
    """

    def __init__(self, reports: Sequence[ReportPoint], moments: Sequence[Moment]) -> None:
        self._changes: list[list[int]] = [[] for _ in range(SLOTS)]
        self._users: list[list[str | None]] = [[None] for _ in range(SLOTS)]
        for moment in moments:
            for slot, user in enumerate(moment.users):
                if self._users[slot][-1] != user:
                    self._users[slot].append(user)
                    self._changes[slot].append(moment.at_us)
        self._reports: dict[tuple[int, int], list[ReportPoint]] = {}
        for report in reports:
            self._reports.setdefault((report.slot, report.ssrc), []).append(report)
        self._homes = _homes(reports)

    def stay(self, slot: int, at_us: int) -> int:
        """Return a number that is the same as long as the same person is in the slot."""
        return bisect_right(self._changes[slot], at_us)

    def user(self, slot: int, at_us: int) -> str | None:
        """Return whose packet it is that came then."""
        return self._users[slot][self.stay(slot, at_us)]

    def capture_us(self, slot: int, ssrc: int, timestamp_rtp: int, at_us: int) -> float:
        """Return when it was captured; its arrival where nothing better is known."""
        report = self._best(slot, ssrc, at_us)
        if report is None:
            return at_us
        rate_khz = 48 if slot < AUDIO_SLOTS else 90
        since_ms = timestamp_distance(timestamp_rtp, report.timestamp_rtp) / rate_khz
        home = self._homes[bisect_right(self._homes, report.at_us, key=_BEGUN) - 1]
        captured_us = (report.home_ms + home.off_ms + since_ms) * 1000
        return captured_us if abs(captured_us - at_us) < MOST_OFF_US else at_us

    def _best(self, slot: int, ssrc: int, at_us: int) -> ReportPoint | None:
        """Return the nearest report of this stay; else the last before it, whose relation the home
        has kept up.
        """
        reports = self._reports.get((slot, ssrc))
        if not reports:
            return None
        index = bisect_right(reports, at_us, key=_AT)
        before = reports[index - 1] if index else None
        after = reports[index] if index < len(reports) else None
        stay = self.stay(slot, at_us)
        in_stay = [
            one for one in (before, after) if one is not None and self.stay(slot, one.at_us) == stay
        ]
        if in_stay:
            return min(in_stay, key=lambda one: abs(one.at_us - at_us))
        return before or after


@dataclass(slots=True)
class _Home:
    """One home relay's clock: so much is ours ahead of it."""

    begun_us: int
    off_ms: float


_BEGUN = attrgetter("begun_us")


def _homes(reports: Sequence[ReportPoint]) -> list[_Home]:
    """Return the homes that reported, in order, each with what its quickest report says."""
    homes: list[_Home] = []
    for report in reports:
        off_ms = report.at_us / 1000 - report.home_ms
        if not homes or abs(off_ms - homes[-1].off_ms) > OTHER_CLOCK_MS:
            homes.append(_Home(report.at_us, off_ms))
        homes[-1].off_ms = min(homes[-1].off_ms, off_ms)
    return homes
