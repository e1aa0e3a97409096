import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_relay.rtp.serial import Unwrapper, timestamp_distance

CYCLE = 65536


def test_it_measures_timestamps_round_their_wrap() -> None:
    assert timestamp_distance(100, 0xFFFF_FFFF) == 101
    assert timestamp_distance(0xFFFF_FFFF, 100) == -101


@pytest.mark.parametrize(
    "rows",
    [
        [(10, CYCLE + 10), (11, CYCLE + 11), (9, CYCLE + 9)],
        [
            (65534, 2 * CYCLE - 2),
            (65535, 2 * CYCLE - 1),
            (0, 2 * CYCLE),
            (65533, 2 * CYCLE - 3),
            (1, 2 * CYCLE + 1),
        ],
        # Late ones at the very beginning.
        [(0, CYCLE), (65535, CYCLE - 1), (32768, CYCLE - 32768), (0, CYCLE)],
        [(0, CYCLE), (32767, CYCLE + 32767), (65534, 2 * CYCLE - 2), (1, 2 * CYCLE + 1)],
    ],
)
def test_it_unwraps_a_table_of_sequence_numbers(rows: list[tuple[int, int]]) -> None:
    unwrapper = Unwrapper()
    assert [unwrapper.unwrap(seq) for seq, _ in rows] == [number for _, number in rows]


@pytest.mark.parametrize("seq", [-1, 65536])
def test_it_refuses_a_number_of_more_than_sixteen_bits(seq: int) -> None:
    with pytest.raises(ValueError):
        Unwrapper().unwrap(seq)


@given(st.integers(0, 65535), st.lists(st.integers(-30_000, 32_767), max_size=50))
def test_it_follows_any_walk_within_half_a_cycle(first: int, steps: list[int]) -> None:
    unwrapper = Unwrapper()
    highest = unwrapper.unwrap(first)
    for step in steps:
        number = max(highest - 32_768, highest + step)
        assert unwrapper.unwrap(number & 0xFFFF) == number
        assert number >= 0
        highest = max(highest, number)
