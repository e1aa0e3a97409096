import pytest

from media_relay.rtp.history import History

CYCLE = 65536


def filled(size: int, first: int, count: int) -> History:
    history = History(size)
    for number in range(first, first + count):
        history.add(number, b"%d" % number)
    return history


@pytest.mark.parametrize("size", [0, 3, 1000, 2048])
def test_it_refuses_a_size_that_is_no_power_of_two_or_beyond_libsrtps_window(size: int) -> None:
    with pytest.raises(ValueError):
        History(size)


@pytest.mark.parametrize(
    ("seq", "expected"),
    [(99, b"99"), (92, b"92"), (91, None), (100, None), (92 + CYCLE // 2, None)],
)
def test_it_returns_the_last_packets_only(seq: int, expected: bytes | None) -> None:
    assert filled(8, 80, 20).get(seq) == expected


def test_it_finds_packets_on_both_sides_of_a_wrap() -> None:
    history = filled(8, CYCLE - 4, 8)
    assert history.get(65535) == b"65535"
    assert history.get(0) == b"65536"
    assert history.get(3) == b"65539"
    assert history.get(4) is None


def test_it_does_not_mistake_an_old_packet_for_one_that_never_came() -> None:
    history = filled(8, 0, 8)
    history.add(12, b"12")  # 8 to 11 never came; their places still hold 0 to 3.
    assert history.get(8) is None
    assert history.get(0) is None
    assert history.get(12) == b"12"


def test_it_takes_late_packets_and_forgets_too_late_ones() -> None:
    history = History(8)
    history.add(20, b"20")
    history.add(15, b"15")
    history.add(12, b"12")
    assert history.get(15) == b"15"
    assert history.get(12) is None


def test_it_replaces_the_bytes_of_a_packet_that_was_padded() -> None:
    history = filled(8, 0, 8)
    assert history.replace(7, b"padded")
    assert history.get(7) == b"padded"
    assert not history.replace(9, b"never came")


def test_it_returns_everything_since_the_last_key_frame_in_order() -> None:
    history = History(16)
    for number in (100, 101, 103, 102, 105):
        history.add(number, b"%d" % number)
    history.mark_key_frame(101, 0)
    assert history.since_key_frame(1000, 3000) == [b"101", b"102", b"103", b"105"]


def test_it_has_no_burst_without_a_key_frame_or_when_that_is_too_old() -> None:
    history = filled(16, 0, 10)
    assert history.since_key_frame(0, 3000) == []
    history.mark_key_frame(5, 0)
    assert history.since_key_frame(3001, 3000) == []


def test_it_has_no_burst_when_the_key_frame_has_left_the_ring() -> None:
    history = filled(16, 0, 10)
    history.mark_key_frame(5, 0)
    for number in range(10, 40):
        history.add(number, b"")
    assert history.since_key_frame(100, 3000) == []


def test_it_has_no_burst_across_a_wrap() -> None:
    history = filled(16, CYCLE - 4, 8)
    history.mark_key_frame(CYCLE - 2, 0)
    assert history.since_key_frame(0, 3000) == []
    history.mark_key_frame(CYCLE + 1, 0)
    assert len(history.since_key_frame(0, 3000)) == 3


def test_it_forgets_everything_when_cleared() -> None:
    history = filled(16, 0, 10)
    history.mark_key_frame(5, 0)
    history.clear()
    assert history.get(9) is None
    assert history.since_key_frame(0, 3000) == []


def test_it_tells_what_went_out_in_its_turn() -> None:
    history = History(8)
    for number in (1, 2, 4, 3):
        history.add(number, b"%d" % number)
    assert [number for number in range(6) if history.was_on_time(number)] == [1, 2, 4]
    history.add(11, b"11")  # In the place of 3, which was late.
    assert history.was_on_time(11)
