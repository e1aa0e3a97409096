import pytest

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.slot import BURST_MAX_AGE_MS, PADDING_EVERY, Slot
from media_relay.rtp.packet import payload_range
from tests.media_relay.forwarding.publisher import Publisher, Sent, forward_all


def slot(kind: MediaKind = MediaKind.CAMERA, first_sequence: int = 100) -> Slot:
    return Slot(kind, 6000, 96 if kind.is_video else 111, first_sequence=first_sequence)


def camera(user: str = "ayu") -> Publisher:
    return Publisher(user, MediaKind.CAMERA, per_frame=3)


def test_it_gives_a_newcomer_all_packets_since_the_key_frame() -> None:
    room, ayu = slot(), camera()
    room.point_to(ayu.track, 0)
    forward_all(room, ayu, ayu.frame(key=True), 0)
    for index in range(1, 10):
        forward_all(room, ayu, ayu.frame(key=index == 5), index * 33)
    burst = [Sent(data) for data in room.burst(330)]
    assert [one.sequence for one in burst] == list(range(115, 130))
    assert burst[0].vp8.key_frame


def test_it_has_no_burst_of_a_voice_or_of_nobody_or_of_long_ago() -> None:
    room, ayu = slot(), camera()
    assert room.burst(0) == []
    room.point_to(ayu.track, 0)
    forward_all(room, ayu, ayu.frame(key=True), 0)
    assert room.burst(BURST_MAX_AGE_MS)
    assert room.burst(BURST_MAX_AGE_MS + 1) == []
    room.point_to(None, 100)
    assert room.burst(100) == []  # Whose camera went off is not shown to newcomers either.
    voice, budi = slot(MediaKind.MICROPHONE), Publisher("budi")
    voice.point_to(budi.track, 0)
    forward_all(voice, budi, budi.frame(), 0)
    assert voice.burst(0) == []


def run(room: Slot, ayu: Publisher, frames: int) -> list[bytes]:
    """Play frames and return the packets of padding that came between them."""
    padding = []
    for index in range(frames):
        for data in ayu.frame(key=index == 0):
            forward_all(room, ayu, [data], index * 20)
            padding += [made for made in (room.padding(index * 20),) if made]
    return padding


def test_it_sends_padding_to_all_every_few_thousand_packets_between_frames() -> None:
    room, ayu = slot(), camera()
    room.point_to(ayu.track, 0)
    padding = [Sent(data) for data in run(room, ayu, PADDING_EVERY // 3 + 10)]
    assert len(padding) == 1
    assert payload_range(padding[0].data, len(padding[0].data)) == (12, 12)
    after = forward_all(room, ayu, ayu.frame(), 13_540)
    assert len(after) == 3
    assert padding[0].ssrc == after[0].ssrc == 6000
    assert room.history.get(padding[0].sequence) == padding[0].data


def test_it_never_uses_a_number_twice_around_padding() -> None:
    room, ayu = slot(), camera()
    room.point_to(ayu.track, 0)
    run(room, ayu, PADDING_EVERY // 3 - 2)
    late, *rest = ayu.frame()
    sent = forward_all(room, ayu, rest, 13_280)
    assert room.sequence_number == sent[-1].sequence
    for index in range(10):
        sent += forward_all(room, ayu, ayu.frame(), 13_300 + index * 20)
        made = room.padding(0)
        sent += [Sent(made)] if made else []
    sent += forward_all(room, ayu, [late], 13_500)
    numbers = [one.sequence for one in sent]
    assert len(numbers) == len(set(numbers)) == 2 + 30 + 1 + 1
    assert numbers[-1] == numbers[0] - 1


def test_it_holds_padding_back_in_the_middle_of_a_frame() -> None:
    room, ayu = slot(), camera()
    room.point_to(ayu.track, 0)
    for index in range(PADDING_EVERY // 3 + 1):
        forward_all(room, ayu, ayu.frame(key=index == 0), 0)
    forward_all(room, ayu, ayu.frame()[:2], 0)
    assert room.padding(0) is None


def test_it_needs_no_padding_for_a_voice() -> None:
    room, ayu = slot(MediaKind.MICROPHONE), Publisher("ayu")
    room.point_to(ayu.track, 0)
    assert run(room, ayu, PADDING_EVERY + 10) == []


def test_it_goes_on_with_the_padding_after_the_source_left() -> None:
    room, ayu, hana = slot(), camera(), camera("hana")
    room.point_to(ayu.track, 0)
    for index in range(PADDING_EVERY // 3 + 1):
        forward_all(room, ayu, ayu.frame(key=index == 0), 0)
    room.point_to(hana.track, 10)
    room.forget(ayu.track)
    made = room.padding(20)
    assert made is not None
    sent = forward_all(room, hana, hana.frame(key=True), 30)
    assert sent[0].sequence == Sent(made).sequence + 1


@pytest.mark.parametrize(
    ("first", "expected"), [(100, True), (65_535 - 64, True), (65_536 - 64, False), (65_535, False)]
)
def test_it_makes_newcomers_wait_shortly_before_a_wrap(first: int, expected: bool) -> None:
    room, ayu = slot(MediaKind.MICROPHONE, first), Publisher("ayu")
    room.point_to(ayu.track, 0)
    forward_all(room, ayu, ayu.frame(), 0)
    assert room.joinable is expected
    for _ in range(65):
        forward_all(room, ayu, ayu.frame(), 0)
    assert room.joinable  # Past the wrap, or still far from it.
