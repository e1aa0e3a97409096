"""The pauses and the losses that `make chaos` tells are those that were there."""

import struct

import pytest

from tests.chaos.sound import Heard, Sound

TALK, OTHER = 7, 8


def sound(*packets: tuple[float, int, int]) -> Sound:
    made = Sound()
    for at, ssrc, number in packets:
        made.add(at, struct.pack("!BBHII", 0x80, 111, number, 0, ssrc))
    return made


def test_it_counts_a_silence_that_goes_on() -> None:
    gaps = sound((1.0, TALK, 1), (1.02, TALK, 2)).gaps_s(0.5, 4.0)
    assert gaps == pytest.approx([0.5, 0.02, 2.98])


def test_it_counts_the_whole_time_when_nothing_came() -> None:
    assert sound((9.0, TALK, 1)).gaps_s(0.0, 4.0) == [4.0]


@pytest.mark.parametrize(
    ("numbers", "lost"),
    [
        ([5, 6, 7], 0),
        ([5, 8], 2),
        ([65534, 65535, 0, 1], 0),  # Round the end of the numbers.
        ([65534, 2], 3),
        ([5, 7, 6, 8], 0),  # Late is not lost.
        ([5, 6, 6, 7], 0),  # Twice is once.
        ([], 0),
    ],
)
def test_it_counts_the_packets_that_never_came(numbers: list[int], lost: int) -> None:
    packets = [(1 + place / 50, TALK, number) for place, number in enumerate(numbers)]
    assert sound(*packets, (1.5, OTHER, 900)).lost(0.0, 4.0) == lost


def test_it_tells_everybody_s_longest() -> None:
    here, there = sound((1.0, TALK, 1)), sound((3.0, TALK, 1))
    heard = Heard.of([here, there], 0.0, 4.0)
    assert (heard.longest_s, heard.lost) == ([3.0, 3.0], 0)
