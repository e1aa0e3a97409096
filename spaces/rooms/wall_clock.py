"""Wall-clock times and instants: what a clock shows at a place, and which moment that is.

Pure functions. A change to summer time skips times ("never"), a change back repeats them
("twice"); `fold` 0 is the first of the two, 1 the second (PEP 495).
"""

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum


class Occurrence(Enum):
    """How often a wall-clock time comes on its day."""

    ONCE = "once"
    TWICE = "twice"
    NEVER = "never"


@dataclass(frozen=True)
class WallTime:
    """What a clock at a place shows. `at` is naive: the zone says which instant it is."""

    at: datetime
    zone: str
    fold: int = 0

    @property
    def instant(self) -> datetime:
        """The instant in UTC.

        A time that is skipped counts as if the clocks had not been changed yet.
        """
        return self._aware.astimezone(UTC)

    @property
    def occurrence(self) -> Occurrence:
        # `fold` changes the offset only where the clocks are changed (PEP 495).
        first = WallTime(self.at, self.zone, fold=0)
        second = WallTime(self.at, self.zone, fold=1)
        if first.offset_minutes == second.offset_minutes:
            return Occurrence.ONCE
        # In a gap neither of the two instants shows this time on a clock; in a repetition both do.
        is_shown = wall_time(first.instant, self.zone).at == self.at
        return Occurrence.TWICE if is_shown else Occurrence.NEVER

    @property
    def zone_name(self) -> str:
        """What the clocks are called then: "CEST", or "+11" where they have no letters."""
        return self._aware.tzname() or ""

    @property
    def offset_minutes(self) -> int:
        """Minutes ahead of UTC at that time."""
        offset = self._aware.utcoffset()
        assert offset is not None, "A ZoneInfo always has an offset."
        return int(offset.total_seconds()) // 60

    @property
    def _aware(self) -> datetime:
        return self.at.replace(tzinfo=zoneinfo.ZoneInfo(self.zone), fold=self.fold)


def wall_time(instant: datetime, zone: str) -> WallTime:
    """Return what a clock in `zone` shows at an aware `instant`."""
    local = instant.astimezone(zoneinfo.ZoneInfo(zone))
    return WallTime(local.replace(tzinfo=None, fold=0), zone, local.fold)
