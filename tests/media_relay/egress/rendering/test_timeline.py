from pathlib import Path

import pytest

from media_relay.egress.rendering.log_summary import SegmentSpan
from media_relay.egress.rendering.timeline import CUT_GAP_US, MOST_GAP_US, Gap, Timeline

S = 1_000_000


def piece(begun_s: int, ended_s: int, ends_well: bool = False) -> SegmentSpan:
    return SegmentSpan(Path("x"), begun_s * S, ended_s * S, ends_well)


def test_it_cuts_out_a_pause_between_stop_and_start() -> None:
    line = Timeline([piece(100, 110, ends_well=True), piece(500, 520, ends_well=True)])
    assert line.duration_ms == 30_000
    assert line.gaps == []
    assert line.place_us(105 * S) == 5 * S
    assert line.place_us(300 * S) == 10 * S, "Somewhere in the pause is its seam."
    assert line.place_us(505 * S) == 15 * S


def test_it_keeps_the_hole_that_a_dead_process_left() -> None:
    line = Timeline([piece(100, 110), piece(117, 120, ends_well=True)])
    assert line.duration_ms == 20_000
    assert line.gaps == [Gap(10_000, 17_000)]
    assert line.place_us(118 * S) == 18 * S


def test_it_shortens_a_hole_that_nobody_would_sit_through() -> None:
    line = Timeline([piece(0, 10), piece(10 + MOST_GAP_US // S + 1, 50, ends_well=True)])
    assert line.duration_us == 10 * S + CUT_GAP_US + (50 - 10 - MOST_GAP_US // S - 1) * S


@pytest.mark.parametrize(("at_s", "place_s"), [(100, -4), (104, 0), (110, 6)])
def test_it_begins_where_the_host_says(at_s: int, place_s: int) -> None:
    line = Timeline([piece(100, 110, ends_well=True)], skip_us=4 * S)
    assert line.place_us(at_s * S) == place_s * S
    assert line.duration_ms == 6000
    assert line.begun_us == 104 * S


def test_it_is_empty_without_pieces_or_when_all_is_skipped() -> None:
    assert Timeline([]).duration_ms == 0
    assert Timeline([piece(0, 10)], skip_us=20 * S).duration_ms == 0
