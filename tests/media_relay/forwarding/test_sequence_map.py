import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_relay.forwarding.sequence_map import NOWHERE, SequenceMap


def test_it_places_nothing_before_there_is_a_source() -> None:
    assert SequenceMap(1).place(70_000) == NOWHERE


@pytest.mark.parametrize(
    ("arriving", "outgoing"),
    [
        ([100, 101, 102], [1, 2, 3]),
        ([100, 102, 101], [1, 3, 2]),  # Reordered: the place was kept.
        ([100, 103], [1, 4]),  # Lost: the receiver must see the gap, to ask for it.
        ([100, 99], [1, NOWHERE]),  # From before the switch.
    ],
)
def test_it_keeps_the_distances_of_one_source(arriving: list[int], outgoing: list[int]) -> None:
    numbers = SequenceMap(1)
    numbers.anchor(100)
    assert [numbers.place(number) for number in arriving] == outgoing


def test_it_leaves_no_gap_between_sources() -> None:
    numbers = SequenceMap(1)
    numbers.anchor(100)
    numbers.place(100)
    numbers.place(105)
    numbers.anchor(9000)
    assert numbers.place(9000) == 7
    assert numbers.place(106) == NOWHERE


def test_it_closes_up_over_a_skipped_packet_and_still_places_late_ones() -> None:
    numbers = SequenceMap(1)
    numbers.anchor(100)
    assert numbers.place(100) == 1
    numbers.skip(103)
    assert numbers.place(104) == 4
    assert [numbers.place(number) for number in (101, 102)] == [2, 3]


def test_it_lets_a_late_packet_keep_its_place_rather_than_skip_it() -> None:
    numbers = SequenceMap(1)
    numbers.anchor(100)
    numbers.place(103)
    numbers.skip(101)
    assert numbers.place(104) == 5


def test_it_gives_an_inserted_packet_a_number_of_its_own() -> None:
    numbers = SequenceMap(1)
    numbers.anchor(100)
    numbers.place(101)
    assert numbers.insert() == 3
    assert numbers.insert() == 4
    assert numbers.place(102) == 5
    assert numbers.place(100) == 1


def test_it_inserts_behind_a_skipped_packet() -> None:
    numbers = SequenceMap(1)
    numbers.anchor(100)
    numbers.place(100)
    numbers.skip(101)
    assert numbers.insert() == 2
    assert numbers.place(102) == 3


def test_it_inserts_before_there_is_a_source() -> None:
    numbers = SequenceMap(1)
    assert numbers.insert() == 1
    numbers.anchor(100)
    assert numbers.place(100) == 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["place", "late", "skip", "insert", "switch"]), st.integers(1, 20)
        ),
        max_size=80,
    )
)
def test_it_never_gives_one_number_to_two_packets(steps: list[tuple[str, int]]) -> None:
    numbers, newest, used, seen = SequenceMap(1), 1000, set(), set()
    numbers.anchor(newest)
    for step, by in steps:
        if step == "switch":
            newest += 10_000
            numbers.anchor(newest)
        elif step == "insert":
            outgoing = numbers.insert()
            assert outgoing not in used
            used.add(outgoing)
        else:
            number = newest - by if step == "late" else newest + by
            if number in seen:
                continue  # A track passes each packet on once.
            seen.add(number)
            newest = max(newest, number)
            if step == "skip":
                numbers.skip(number)
                continue
            outgoing = numbers.place(number)
            assert outgoing == NOWHERE or outgoing not in used
            used.add(outgoing)
    assert max(used - {NOWHERE}, default=0) <= numbers.highest
