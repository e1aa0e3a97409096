"""What is left for a source after what it has sent."""

import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.metrics import Drop
from media_relay.rooms.source_limits import SOURCE_LIMITS, SourceBudget, SourceLimit

LIMIT = SourceLimit(bitrate_bps=80_000, datagrams_per_s=20)  # 10 bytes a millisecond.


def spent(budget: SourceBudget, length: int, begin_ms: int, end_ms: int, step_ms: int) -> int:
    """Return how many bytes of a steady stream were let through."""
    moments = range(begin_ms, end_ms, step_ms)
    return sum(length for now_ms in moments if budget.spend(length, now_ms) is None)


@pytest.mark.parametrize("now_ms", [0, 7, 3_000_000_000])
def test_it_takes_a_second_s_worth_at_once_whatever_the_clock_says(now_ms: int) -> None:
    budget = SourceBudget(LIMIT)
    taken = [budget.spend(1000, now_ms) for _ in range(12)]
    assert taken == [None] * 10 + [Drop.RTP_BITRATE] * 2


def test_it_takes_no_more_than_the_bitrate_however_long_it_lasts() -> None:
    assert spent(SourceBudget(LIMIT), 1000, 0, 60_000, 10) <= 61 * 10_000
    assert spent(SourceBudget(LIMIT), 1000, 0, 60_000, 10) >= 59 * 10_000


def test_it_has_no_second_in_which_twice_as_much_is_taken() -> None:
    """Unlike a count that begins anew with each second of the clock."""
    budget = SourceBudget(LIMIT)
    assert spent(budget, 1000, 900, 1000, 10) == 10_000
    assert spent(budget, 1000, 1000, 1100, 10) <= 2000


def test_it_bounds_tiny_datagrams_by_their_number() -> None:
    budget = SourceBudget(LIMIT)
    taken = [budget.spend(13, 0) for _ in range(21)]
    assert taken == [None] * 20 + [Drop.RTP_RATE]


def test_it_takes_nothing_off_for_what_it_refuses() -> None:
    budget = SourceBudget(LIMIT)
    assert budget.spend(9_500, 0) is None
    assert [budget.spend(1000, 0) for _ in range(50)] == [Drop.RTP_BITRATE] * 50
    assert budget.spend(500, 0) is None


def test_it_is_full_again_after_a_pause_and_no_fuller() -> None:
    budget = SourceBudget(LIMIT)
    spent(budget, 1000, 0, 10, 1)
    taken = [budget.spend(1000, 60_000) for _ in range(12)]
    assert taken.count(None) == 10


def test_it_has_a_limit_for_every_kind() -> None:
    assert {kind: limit.bitrate_bps for kind, limit in SOURCE_LIMITS.items()} == {
        MediaKind.MICROPHONE: 256_000,
        MediaKind.CAMERA: 4_000_000,
        MediaKind.SCREEN: 6_000_000,
    }
