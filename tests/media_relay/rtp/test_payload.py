import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_relay.rtp.payload import Vp8Descriptor, widen_picture_id
from tests.media_relay.rtp.build import buffer, rtp, vp8_payload


def read(payload: bytes) -> Vp8Descriptor:
    descriptor = Vp8Descriptor()
    descriptor.read(b"\xff" * 12 + payload, 12, 12 + len(payload))
    return descriptor


def test_it_reads_everything_chromium_writes() -> None:
    vp8 = read(vp8_payload(key=True, picture_id=0x1234, tl0picidx=77, temporal_layer=2))
    assert (vp8.start_of_frame, vp8.key_frame) == (True, True)
    assert (vp8.picture_id, vp8.picture_id_bits, vp8.picture_id_offset) == (0x1234, 15, 14)
    assert (vp8.tl0picidx, vp8.tl0picidx_offset) == (77, 16)


@pytest.mark.parametrize(
    ("payload", "start", "key"),
    [
        (vp8_payload(key=True), True, True),
        (vp8_payload(key=False), True, False),
        # A byte like a key frame's in the middle of a frame.
        (vp8_payload(key=True, start=False), False, False),
        (b"\x10\x00", True, True),  # The shortest descriptor.
        (b"\x11\x00", False, False),  # Start of the second partition is not the start of the frame.
        (b"\x30\x01", True, False),  # Non-reference frame.
    ],
)
def test_it_knows_the_start_of_frames_and_of_key_frames(
    payload: bytes, start: bool, key: bool
) -> None:
    vp8 = read(payload)
    assert (vp8.start_of_frame, vp8.key_frame) == (start, key)


def test_it_forgets_fields_that_the_next_packet_does_not_have() -> None:
    vp8 = read(vp8_payload(picture_id=5, tl0picidx=6, temporal_layer=1))
    vp8.read(b"\x10\x00", 0, 2)
    assert (vp8.picture_id_offset, vp8.tl0picidx_offset, vp8.picture_id_bits) == (0, 0, 0)


@pytest.mark.parametrize(
    "payload",
    [vp8_payload(body=b""), vp8_payload(wide=False, body=b""), b"\x10\x00", b"\x90\x10\x00\x00"],
)
def test_it_refuses_every_truncation(payload: bytes) -> None:
    for length in range(len(payload)):
        with pytest.raises(ValueError, match="VP8"):
            read(payload[:length])
    read(payload)


@given(st.binary(max_size=12))
def test_it_raises_nothing_but_value_error_and_stays_inside(payload: bytes) -> None:
    try:
        vp8 = read(payload)
    except ValueError:
        return
    assert vp8.picture_id_offset + vp8.picture_id_bits // 15 < 12 + len(payload)
    assert vp8.tl0picidx_offset < 12 + len(payload)


def test_it_widens_a_short_picture_id() -> None:
    data = rtp(payload=vp8_payload(picture_id=100, wide=False, tl0picidx=9, body=b"picture"))
    buf, vp8 = buffer(data), Vp8Descriptor()
    vp8.read(buf, 12, len(data))
    length = widen_picture_id(buf, vp8, len(data))
    assert bytes(buf[:length]) == rtp(
        payload=vp8_payload(picture_id=100, tl0picidx=9, body=b"picture")
    )
    assert buf[vp8.tl0picidx_offset] == 9
    assert widen_picture_id(buf, vp8, length) == length


def test_it_refuses_to_widen_without_room() -> None:
    data, vp8 = bytearray(rtp(payload=vp8_payload(wide=False))), Vp8Descriptor()
    vp8.read(data, 12, len(data))
    with pytest.raises(ValueError, match="room"):
        widen_picture_id(data, vp8, len(data))
