import pytest

from media_relay.rtcp import nack
from media_relay.rtcp.nack import NackGenerator

BASE = 2 * 65_536


def heard(numbers: list[int], step_ms: int = 1) -> NackGenerator:
    generator = NackGenerator()
    for index, number in enumerate(numbers):
        generator.on_packet(BASE + number, index * step_ms)
    return generator


@pytest.mark.parametrize(
    ("numbers", "asked"),
    [
        ([1, 2, 3, 4], []),
        ([1, 3], []),  # May be reordering still.
        ([1, 3, 2, 4, 5, 6], []),
        ([1, 3, 4], []),
        ([1, 3, 4, 5], [2]),  # Three packets later it is lost.
        ([1, 5, 6, 7], [2, 3, 4]),
        ([1, 5, 3, 6, 7], [2, 4]),
        ([-2, 1, 2, 3], [65_535, 0]),  # Round the wrap, oldest first.
    ],
)
def test_it_asks_for_what_is_lost_and_not_for_what_is_late(
    numbers: list[int], asked: list[int]
) -> None:
    assert heard(numbers).due(5) == asked


def test_it_asks_for_a_hole_that_stays_open_even_if_nothing_follows() -> None:
    generator = heard([1, 3])
    assert generator.due(nack.REORDER_MS) == []
    assert generator.due(1 + nack.REORDER_MS) == [2]


def test_it_says_once_that_something_is_newly_missing() -> None:
    generator = heard([1, 2])
    assert not generator.take_opened()
    generator.on_packet(BASE + 4, 3)
    assert generator.take_opened()
    assert not generator.take_opened()


def test_it_asks_twice_in_a_round_trip_and_not_more() -> None:
    generator = heard([1, 3, 4, 5])
    assert generator.due(10) == [2]
    assert generator.due(10 + nack.RETRY_MS - 1) == []
    assert generator.due(10 + nack.RETRY_MS) == [2]
    generator.on_round_trip(190)
    assert generator.due(10 + nack.RETRY_MS + 104) == []
    assert generator.due(10 + nack.RETRY_MS + 105) == [2]


def test_it_stops_asking_when_the_packet_comes() -> None:
    generator = heard([1, 3, 4, 5])
    generator.due(10)
    assert generator.on_packet(BASE + 2, 50)
    assert generator.due(100) == []
    assert not generator.take_given_up()


def test_it_does_not_take_a_late_packet_for_an_answer() -> None:
    generator = heard([1, 3])
    assert not generator.on_packet(BASE + 2, 5)
    assert not generator.on_packet(BASE + 2, 6)


def test_it_gives_a_packet_up_after_so_many_tries() -> None:
    generator = heard([1, 3, 4, 5])
    generator.on_round_trip(10)
    tries = sum(len(generator.due(now)) for now in range(10, 900, 20))
    assert tries == nack.MAX_TRIES
    assert generator.due(950) == []
    assert generator.take_given_up()
    assert not generator.take_given_up()


def test_it_gives_a_packet_up_that_is_too_old_to_play() -> None:
    generator = heard([1, 3, 4, 5])
    assert generator.due(nack.MAX_AGE_MS + 10) == []
    assert generator.take_given_up()


def test_it_wants_a_key_frame_rather_than_ask_for_an_outage() -> None:
    generator = heard([1, 2 + nack.MAX_MISSING + 1])
    assert generator.due(100) == []
    assert generator.take_given_up()


def test_it_never_holds_more_than_its_bound() -> None:
    generator = heard(list(range(0, 20_000, 3)), step_ms=0)
    assert 0 < len(generator.due(100)) <= nack.MAX_MISSING


def test_it_forgets_what_a_key_frame_made_needless() -> None:
    generator = heard([1, 3, 5, 6, 7])
    generator.on_key_frame(BASE + 4)
    assert generator.due(50) == [4]


def test_it_asks_for_nothing_from_before_a_restart() -> None:
    generator = heard([1, 3, 4, 5])
    generator.restart(BASE + 50_000)
    generator.on_packet(BASE + 50_000, 10)
    assert generator.due(100) == []
    generator.on_packet(BASE + 50_002, 110)
    assert generator.due(150) == [(BASE + 50_001) & 0xFFFF]
