import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_relay.rtp import packet
from tests.media_relay.rtp.build import SSRC, buffer, rtp


def test_it_reads_every_field_of_the_header() -> None:
    data = rtp(65535, 0xFFFF_FFFE, payload_type=96, marker=True)
    assert packet.sequence_number(data) == 65535
    assert packet.timestamp(data) == 0xFFFF_FFFE
    assert packet.ssrc(data) == SSRC
    assert packet.payload_type(data) == 96
    assert packet.marker(data)


def test_it_changes_fields_in_place_and_nothing_else() -> None:
    buf = bytearray(rtp(1, 2, payload_type=96, marker=True))
    packet.set_sequence_number(buf, 65535)
    packet.set_ssrc(buf, 7)
    packet.set_payload_type(buf, 111)
    assert bytes(buf) == rtp(65535, 2, payload_type=111, marker=True, ssrc=7)


def test_it_writes_all_numbers_at_once() -> None:
    buf = bytearray(rtp(1, 2))
    packet.set_numbers(buf, 9, 10, 11)
    assert bytes(buf) == rtp(9, 10, ssrc=11)


@pytest.mark.parametrize(
    ("data", "start", "end"),
    [
        (rtp(payload=b"abc"), 12, 15),
        (rtp(payload=b"abc", csrcs=(1, 2)), 20, 23),
        (rtp(payload=b"abc", elements=((1, b"0"),)), 20, 23),
        (rtp(payload=b"abc", csrcs=(1,), elements=((1, b"0"),), padding=4), 24, 27),
        (rtp(payload=b"", padding=255), 12, 12),
        (rtp(payload=b""), 12, 12),
    ],
)
def test_it_finds_the_payload(data: bytes, start: int, end: int) -> None:
    assert packet.payload_range(buffer(data), len(data)) == (start, end)
    assert packet.header_length(data, len(data)) == start


@pytest.mark.parametrize(
    "data", [rtp(payload=b"", csrcs=(1, 2)), rtp(payload=b"", elements=((1, b"0"), (2, b"abc")))]
)
def test_it_refuses_every_truncation_of_the_header(data: bytes) -> None:
    for length in range(len(data)):
        with pytest.raises(ValueError, match="truncated"):
            packet.header_length(buffer(data), length)


@pytest.mark.parametrize("count", [0, 9, 255])
def test_it_refuses_padding_that_is_none_or_longer_than_the_payload(count: int) -> None:
    data = rtp(payload=b"abc", padding=4)
    with pytest.raises(ValueError, match="padding"):
        packet.payload_range(data[:-1] + bytes((count,)), len(data))


def test_it_refuses_another_version() -> None:
    with pytest.raises(ValueError, match="version"):
        packet.header_length(b"\x40" + rtp()[1:], 19)


@pytest.mark.parametrize("padding", [0, 3])
def test_it_pads_a_packet_to_a_length_and_keeps_its_payload(padding: int) -> None:
    data = rtp(payload=b"abcd", padding=padding)
    buf = buffer(data, 255)
    length = packet.pad_to(buf, len(data), 200)
    assert length == 200
    assert packet.payload_range(buf, length) == (12, 16)


def test_it_leaves_a_packet_alone_that_is_long_enough() -> None:
    buf = buffer(rtp())
    assert packet.pad_to(buf, 19, 19) == 19
    assert bytes(buf[:19]) == rtp()


@pytest.mark.parametrize(("spare", "padded"), [(500, 19 + 256), (3, 23)])
def test_it_refuses_padding_that_has_no_room(spare: int, padded: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        packet.pad_to(buffer(rtp(), spare), 19, padded)


def test_it_makes_a_packet_of_padding_alone() -> None:
    data = packet.padding_packet(96, 5, 6, 7)
    assert packet.payload_range(data, len(data)) == (12, 12)
    assert (packet.sequence_number(data), packet.timestamp(data), packet.ssrc(data)) == (5, 6, 7)
    assert packet.payload_type(data) == 96
    assert not packet.marker(data)


@given(st.binary(max_size=80))
def test_it_raises_nothing_but_value_error_on_any_bytes(data: bytes) -> None:
    try:
        start, end = packet.payload_range(data, len(data))
    except ValueError:
        return
    assert 12 <= start <= end <= len(data)
