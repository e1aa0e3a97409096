import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.track import Track
from tests.media_relay.forwarding.publisher import Publisher
from tests.media_relay.rtp.build import LEVEL_ID, MID_ID, buffer, rtp, vp8_payload


def take(track: Track, data: bytes, now_ms: int = 0) -> int:
    buf = buffer(data)
    return track.on_rtp(buf, len(data), now_ms)


def microphone() -> Track:
    return Track(MediaKind.MICROPHONE, 1, "ayu", level_id=LEVEL_ID)


def camera() -> Track:
    return Track(MediaKind.CAMERA, 1, "ayu")


def test_it_holds_the_fields_of_the_packet_in_hand() -> None:
    track = microphone()
    data = rtp(65535, 1234, marker=True, payload=b"abc", elements=((LEVEL_ID, b"\x9e"),))
    buf = buffer(data)
    length = track.on_rtp(buf, len(data), 0)
    assert length == len(data) - 8  # Without the extension and its head.
    assert (track.number & 0xFFFF, track.timestamp, track.second_byte) == (65535, 1234, 0x80 | 111)
    assert buf[track.start : track.end] == b"abc"
    assert track.level == 0x9E


def test_it_takes_out_all_extensions_where_none_is_to_be_kept() -> None:
    track = Track(MediaKind.MICROPHONE, 1, "ayu", level_id=LEVEL_ID)
    data = rtp(1, elements=((MID_ID, b"5"), (LEVEL_ID, b"\x9e")), padding=4)
    buf = buffer(data)
    length = track.on_rtp(buf, len(data), 0)
    assert bytes(buf[:length]) == rtp(1, padding=4)
    assert bytes(buf[track.start : track.end]) == b"payload"
    assert track.level == 0x9E


def test_it_finds_the_picture_id_behind_an_extension_that_was_taken_out() -> None:
    track = camera()
    data = rtp(
        1,
        payload_type=96,
        payload=vp8_payload(picture_id=5, wide=False),
        elements=((MID_ID, b"5"),),
    )
    buf = buffer(data)
    length = track.on_rtp(buf, len(data), 0)
    assert bytes(buf[:length]) == rtp(1, payload_type=96, payload=vp8_payload(picture_id=5))
    assert (buf[track.vp8.picture_id_offset], track.end) == (0x80, length)


def test_it_forgets_the_level_when_a_packet_has_none() -> None:
    track = microphone()
    take(track, rtp(1, elements=((LEVEL_ID, b"\x9e"),)))
    take(track, rtp(2))
    assert track.level is None
    take(track, rtp(3, elements=((MID_ID, b"5"),)))
    assert track.level is None


@pytest.mark.parametrize(
    ("arriving", "taken"),
    [
        ([1, 2, 3], [1, 1, 1]),
        ([1, 3, 2, 2, 3], [1, 1, 1, 0, 0]),
        ([65534, 65535, 0, 65535, 1], [1, 1, 1, 0, 1]),
        ([2000, 900, 2001], [1, 0, 1]),  # Further back than duplicates are known.
        ([2000, 977, 978, 976], [1, 1, 1, 0]),
    ],
)
def test_it_drops_duplicates_and_what_is_too_old(arriving: list[int], taken: list[int]) -> None:
    track = microphone()
    assert [bool(take(track, rtp(sequence))) for sequence in arriving] == [
        bool(flag) for flag in taken
    ]
    assert track.epoch == 0


def test_it_counts_on_over_many_wraps() -> None:
    track = microphone()
    numbers = []
    for index in range(0, 65536 * 3, 500):
        take(track, rtp(index & 0xFFFF), index)
        numbers.append(track.number)
    assert numbers == list(range(numbers[0], numbers[0] + 65536 * 3, 500))
    assert track.epoch == 0


def test_it_begins_a_new_epoch_at_a_leap_ahead() -> None:
    track = microphone()
    take(track, rtp(1))
    take(track, rtp(5000))
    assert track.epoch == 1
    assert track.nacks.due(1000) == []
    assert track.statistics.lost == 0


def test_it_believes_a_restart_at_lower_numbers_only_from_the_second_packet_on() -> None:
    track = microphone()
    take(track, rtp(20_000))
    assert [bool(take(track, rtp(sequence))) for sequence in (10, 15_000, 11, 12, 13)] == [
        False,
        False,
        False,
        True,
        True,
    ]
    assert track.epoch == 1


def test_it_begins_a_new_epoch_after_an_interruption() -> None:
    track = microphone()
    take(track, rtp(1))
    track.interrupt()
    take(track, rtp(200))
    take(track, rtp(201))
    assert track.epoch == 1
    assert track.nacks.due(1000) == []


def test_it_begins_a_new_epoch_after_two_silent_seconds() -> None:
    track = microphone()
    take(track, rtp(1), 0)
    take(track, rtp(50), 2000)
    assert track.epoch == 0
    take(track, rtp(90), 4001)
    assert track.epoch == 1


def test_it_is_no_new_epoch_when_the_first_packet_follows_an_interruption() -> None:
    track = microphone()
    track.interrupt()
    assert take(track, rtp(5))
    assert track.epoch == 0


def test_it_knows_key_frames_and_ends_the_wish_for_one() -> None:
    track = camera()
    track.key_frames.request()
    seen = []
    for sequence, key in ((1, False), (2, True)):
        take(track, rtp(sequence, payload_type=96, payload=vp8_payload(key=key)), 9)
        seen.append((track.starts_key_frame, track.key_frames.wanted))
    assert seen == [(False, True), (True, False)]
    assert track.last_key_frame_ms == 9


def test_it_takes_padding_alone_without_reading_a_payload() -> None:
    track = camera()
    take(track, rtp(1, payload_type=96, payload=vp8_payload(key=True)))
    assert take(track, rtp(2, payload_type=96, payload=b"", padding=100))
    assert not track.starts_key_frame
    assert track.start == track.end


def test_it_grows_a_packet_with_a_short_picture_id() -> None:
    data = rtp(1, payload_type=96, payload=vp8_payload(picture_id=5, wide=False))
    buf, track = buffer(data), camera()
    assert track.on_rtp(buf, len(data), 0) == len(data) + 1
    assert track.end == len(data) + 1
    assert bytes(buf[12 : track.end]) == vp8_payload(picture_id=5)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80" * 11,
        rtp(payload=b"", elements=((1, b"abc"),))[:15],
        rtp(1, payload_type=96, payload=b"\x90\x80"),
    ],
)
def test_it_counts_nothing_of_a_packet_that_is_not_well_formed(data: bytes) -> None:
    track = camera()
    with pytest.raises(ValueError):
        take(track, data)
    assert track.statistics.packets_received == 0
    assert track.last_packet_ms is None


@given(st.binary(max_size=120), st.sampled_from(MediaKind))
def test_it_raises_nothing_but_value_error(data: bytes, kind: MediaKind) -> None:
    track = Track(kind, 1, "ayu", level_id=LEVEL_ID)
    buf = buffer(data)
    try:
        length = track.on_rtp(buf, len(data), 0)
    except ValueError:
        return
    assert 0 < length <= len(data) + 1


def test_it_asks_for_what_was_lost_and_counts_the_loss_even_when_it_comes() -> None:
    publisher = Publisher("ayu")
    packets = [publisher.frame()[0] for _ in range(10)]
    for index, data in enumerate(packets):
        if index != 4:
            take(publisher.track, data, index * 20)
    assert publisher.track.nacks.due(200) == [5]
    assert take(publisher.track, packets[4], 260)
    assert publisher.track.nacks.due(500) == []
    assert publisher.track.statistics.lost == 1
