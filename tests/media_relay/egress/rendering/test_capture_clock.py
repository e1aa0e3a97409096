import pytest

from media_relay.egress.rendering.capture_clock import SlotCaptureClock
from media_relay.egress.rendering.log_summary import Moment, ReportPoint
from media_relay.egress.slot_map import VIDEO

ALICE = ("alice", None, None, "alice", None)
BOB = ("bob", None, None, "bob", None)
DAY_US = 86_400_000_000


def us(ms: float) -> int:
    return DAY_US + round(ms * 1000)


def report(
    slot: int, at_ms: float, timestamp: int, *, home_ms: float | None = None, late_ms: float = 0
) -> ReportPoint:
    return ReportPoint(
        us(at_ms + late_ms), slot, 7, at_ms if home_ms is None else home_ms, timestamp
    )


def test_it_goes_by_the_reports_and_not_by_arrival() -> None:
    clock = SlotCaptureClock(
        [report(0, 1000, 48_000), report(VIDEO, 1000, 90_000)], [Moment(us(0), ALICE, None)]
    )
    assert clock.capture_us(0, 7, 48_000 + 4800, us(1500)) == us(1100)
    assert clock.capture_us(VIDEO, 7, 90_000 + 9000, us(1900)) == us(1100)


def test_it_takes_the_quickest_report_for_how_far_the_clocks_are_apart() -> None:
    late = [
        report(0, at, at * 48, late_ms=delay) for at, delay in ((1000, 40), (2000, 5), (3000, 90))
    ]
    clock = SlotCaptureClock(late, [Moment(us(0), ALICE, None)])
    assert clock.capture_us(0, 7, 3000 * 48, us(3090)) == us(3005)


def test_it_believes_for_each_stay_its_own_reports() -> None:
    """Bob's sound has another relation to the clock than Alice's had: each is right for their own
    packets.
    """
    reports = [report(0, 1000, 48_000), report(0, 3000, 3000 * 48 - 2400)]
    clock = SlotCaptureClock(reports, [Moment(us(0), ALICE, None), Moment(us(2000), BOB, None)])
    assert clock.capture_us(0, 7, 1990 * 48, us(1995)) == us(1990)
    assert clock.capture_us(0, 7, 2100 * 48 - 2400, us(2110)) == us(2100)
    assert clock.user(0, us(1999)) == "alice"
    assert clock.user(0, us(2001)) == "bob"


def test_it_uses_the_last_relation_until_a_stay_has_a_report_of_its_own() -> None:
    clock = SlotCaptureClock(
        [report(0, 1000, 48_000)], [Moment(us(0), ALICE, None), Moment(us(2000), BOB, None)]
    )
    assert clock.capture_us(0, 7, 2500 * 48, us(2530)) == us(2500)


def test_it_tells_another_home_by_its_clock() -> None:
    reports = [report(0, 1000, 48_000), ReportPoint(us(60_000), 0, 8, 123.0, 0)]
    clock = SlotCaptureClock(reports, [Moment(us(0), ALICE, None)])
    assert clock.capture_us(0, 8, 48 * 100, us(60_110)) == us(60_100)


@pytest.mark.parametrize(
    ("slot", "ssrc", "timestamp"), [(1, 7, 0), (0, 99, 0), (0, 7, 48 * 60_000)]
)
def test_it_falls_back_to_arrival(slot: int, ssrc: int, timestamp: int) -> None:
    clock = SlotCaptureClock([report(0, 1000, 48_000)], [])
    assert clock.capture_us(slot, ssrc, timestamp, us(1500)) == us(1500)
