from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_relay.rtp import rtx
from tests.media_relay.rtp.build import SSRC, rtp

PACKETS = [
    rtp(65535, 3000, payload_type=96, marker=True),
    rtp(7, 1, payload_type=96, elements=((1, b"5"),), csrcs=(9,)),
    rtp(7, 1, payload_type=96, padding=5),
]


@pytest.mark.parametrize("packet", PACKETS)
def test_it_restores_what_it_built(packet: bytes) -> None:
    built = rtx.build(packet, len(packet), 97, 500, 42)
    length = rtx.restore(built, len(built), 96, SSRC)
    assert bytes(built[:length]) == packet


def test_it_builds_as_the_rfc_draws_it() -> None:
    packet = rtp(0x1234, 3000, payload_type=96, marker=True, payload=b"abc")
    built = rtx.build(packet, len(packet), 97, 500, 42)
    assert bytes(built) == rtp(
        500, 3000, payload_type=97, marker=True, ssrc=42, payload=b"\x12\x34abc"
    )


def test_it_finds_nothing_in_a_probe_of_padding() -> None:
    probe = bytearray(rtp(payload=b"", padding=200))
    assert rtx.restore(probe, len(probe), 96, SSRC) == 0


@pytest.mark.parametrize("packet", [rtp(payload=b"a"), rtp(payload=b"a", padding=3), rtp()[:11]])
def test_it_refuses_a_packet_without_an_original_number(packet: bytes) -> None:
    with pytest.raises(ValueError):
        rtx.restore(bytearray(packet), len(packet), 96, SSRC)


@given(st.binary(max_size=64))
def test_it_raises_nothing_but_value_error(data: bytes) -> None:
    buf = bytearray(data)
    try:
        length = rtx.restore(buf, len(buf), 96, SSRC)
    except ValueError:
        return
    assert length in (0, len(data) - 2)
    assert len(buf) == len(data)


def test_it_numbers_what_it_repeats_and_never_uses_a_number_twice() -> None:
    """Each number stands for one content under a receiver's key, also when a packet is asked for
    again.
    """
    stream = rtx.RtxStream(97, 42)
    packet = rtp(7, 3000, payload_type=96, payload=b"abc")
    first, second = stream.wrap(packet), stream.wrap(packet)
    numbers = [int.from_bytes(one[2:4], "big") for one in (first, second)]
    assert numbers[1] == numbers[0] + 1
    assert numbers[0] < 0x8000, (
        "Else the first wrap may come before a receiver has seen the stream."
    )
    assert first[12:14] == second[12:14] == b"\0\x07"  # The original number, before the payload.


def test_it_goes_on_counting_over_the_wrap() -> None:
    stream = rtx.RtxStream(97, 42)
    packet = rtp(7, 3000, payload_type=96)
    numbers = [int.from_bytes(stream.wrap(packet)[2:4], "big") for _ in range(0x1_0001)]
    assert all((later - earlier) % 0x1_0000 == 1 for earlier, later in pairwise(numbers))
