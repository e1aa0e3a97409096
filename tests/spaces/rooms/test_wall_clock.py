"""Eight edges of a change of the clocks, in four zones. What is expected was worked out by hand
from the zones' rules.

Berlin goes forward on 28 March 2027 at 2:00 and back on 31 October at 3:00; New York on 14 March
and 7 November at 2:00; Lord Howe, by half an hour, forward on 3 October and back on 4 April at
2:00. Jakarta does neither.
"""

from datetime import UTC, datetime

import pytest

from spaces.rooms.wall_clock import Occurrence, WallTime, wall_time

ONE, TWO, NIL = Occurrence.ONCE, Occurrence.TWICE, Occurrence.NEVER

# (zone, what the clock shows, how often it does, the instant in UTC, the second one where there are
# two)
EDGES = [
    # The last minute of winter.
    ("Europe/Berlin", "2027-03-28 01:59", ONE, "2027-03-28 00:59", ""),
    ("Europe/Berlin", "2027-03-28 02:00", NIL, "2027-03-28 01:00", ""),
    ("Europe/Berlin", "2027-03-28 02:59", NIL, "2027-03-28 01:59", ""),
    ("Europe/Berlin", "2027-03-28 03:00", ONE, "2027-03-28 01:00", ""),
    # The last minute that comes once.
    ("Europe/Berlin", "2027-10-31 01:59", ONE, "2027-10-30 23:59", ""),
    ("Europe/Berlin", "2027-10-31 02:00", TWO, "2027-10-31 00:00", "2027-10-31 01:00"),
    ("Europe/Berlin", "2027-10-31 02:59", TWO, "2027-10-31 00:59", "2027-10-31 01:59"),
    ("Europe/Berlin", "2027-10-31 03:00", ONE, "2027-10-31 02:00", ""),
    ("America/New_York", "2027-03-14 01:59", ONE, "2027-03-14 06:59", ""),
    ("America/New_York", "2027-03-14 02:00", NIL, "2027-03-14 07:00", ""),
    ("America/New_York", "2027-03-14 02:59", NIL, "2027-03-14 07:59", ""),
    ("America/New_York", "2027-03-14 03:00", ONE, "2027-03-14 07:00", ""),
    ("America/New_York", "2027-11-07 00:59", ONE, "2027-11-07 04:59", ""),
    ("America/New_York", "2027-11-07 01:00", TWO, "2027-11-07 05:00", "2027-11-07 06:00"),
    ("America/New_York", "2027-11-07 01:59", TWO, "2027-11-07 05:59", "2027-11-07 06:59"),
    ("America/New_York", "2027-11-07 02:00", ONE, "2027-11-07 07:00", ""),
    ("Australia/Lord_Howe", "2027-10-03 01:59", ONE, "2027-10-02 15:29", ""),
    ("Australia/Lord_Howe", "2027-10-03 02:00", NIL, "2027-10-02 15:30", ""),
    ("Australia/Lord_Howe", "2027-10-03 02:29", NIL, "2027-10-02 15:59", ""),
    ("Australia/Lord_Howe", "2027-10-03 02:30", ONE, "2027-10-02 15:30", ""),
    ("Australia/Lord_Howe", "2027-04-04 01:29", ONE, "2027-04-03 14:29", ""),
    ("Australia/Lord_Howe", "2027-04-04 01:30", TWO, "2027-04-03 14:30", "2027-04-03 15:00"),
    ("Australia/Lord_Howe", "2027-04-04 01:59", TWO, "2027-04-03 14:59", "2027-04-03 15:29"),
    ("Australia/Lord_Howe", "2027-04-04 02:00", ONE, "2027-04-03 15:30", ""),
    # Jakarta at the edges of the other three: nothing happens there.
    ("Asia/Jakarta", "2027-03-28 01:59", ONE, "2027-03-27 18:59", ""),
    ("Asia/Jakarta", "2027-03-28 02:00", ONE, "2027-03-27 19:00", ""),
    ("Asia/Jakarta", "2027-03-14 02:59", ONE, "2027-03-13 19:59", ""),
    ("Asia/Jakarta", "2027-03-28 03:00", ONE, "2027-03-27 20:00", ""),
    ("Asia/Jakarta", "2027-10-31 01:59", ONE, "2027-10-30 18:59", ""),
    ("Asia/Jakarta", "2027-10-31 02:00", ONE, "2027-10-30 19:00", ""),
    ("Asia/Jakarta", "2027-10-31 02:59", ONE, "2027-10-30 19:59", ""),
    ("Asia/Jakarta", "2027-10-31 03:00", ONE, "2027-10-30 20:00", ""),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "shown", "occurrence", "first", "second"), EDGES)
def test_it_knows_the_instants_of_a_wall_clock_time(
    zone: str, shown: str, occurrence: Occurrence, first: str, second: str
) -> None:
    earlier, later = (WallTime(datetime.fromisoformat(shown), zone, fold) for fold in (0, 1))
    assert (earlier.occurrence, earlier.instant) == (occurrence, utc(first))
    if second:
        assert later.instant == utc(second)
    if occurrence is not Occurrence.NEVER:
        # The way back, with the right one of the two.
        assert wall_time(earlier.instant, zone) == earlier
    if occurrence is Occurrence.TWICE:
        assert wall_time(later.instant, zone) == later
        assert earlier.zone_name != later.zone_name


def test_it_counts_a_skipped_time_as_if_the_clocks_stood() -> None:
    skipped = WallTime(datetime.fromisoformat("2027-03-28 02:30"), "Europe/Berlin")
    assert wall_time(skipped.instant, "Europe/Berlin").at == datetime.fromisoformat(
        "2027-03-28 03:30"
    )


@pytest.mark.parametrize(
    ("zone", "name", "minutes"),
    [
        ("Europe/Berlin", "CEST", 120),
        ("Asia/Jakarta", "WIB", 420),
        ("Australia/Lord_Howe", "+1030", 630),
    ],
)
def test_it_names_the_clock(zone: str, name: str, minutes: int) -> None:
    wall = WallTime(datetime.fromisoformat("2027-06-01 12:00"), zone)
    assert (wall.zone_name, wall.offset_minutes) == (name, minutes)
