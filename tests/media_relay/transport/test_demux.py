"""The first bytes of datagrams, as RFC 7983 §7 and RFC 5761 §4 divide them."""

import pytest

from media_relay.transport.demux import BY_FIRST_BYTE, Protocol, is_rtcp


@pytest.mark.parametrize(
    ("first", "protocol"),
    [
        (0, Protocol.STUN),
        (3, Protocol.STUN),
        (4, Protocol.UNKNOWN),
        (19, Protocol.UNKNOWN),
        (20, Protocol.DTLS),
        (63, Protocol.DTLS),
        (64, Protocol.UNKNOWN),  # TURN channels; nobody relays to us.
        (127, Protocol.UNKNOWN),
        (128, Protocol.MEDIA),
        (191, Protocol.MEDIA),
        (192, Protocol.UNKNOWN),
        (255, Protocol.UNKNOWN),
    ],
)
def test_it_tells_protocols_apart_by_the_first_byte(first: int, protocol: Protocol) -> None:
    assert BY_FIRST_BYTE[first] is protocol


def test_it_has_an_answer_for_every_byte() -> None:
    assert len(BY_FIRST_BYTE) == 256


@pytest.mark.parametrize("payload_type", [96, 97, 98, 99, 111])
@pytest.mark.parametrize("marker", [0, 0x80])
def test_it_never_takes_a_payload_type_of_ours_for_rtcp(payload_type: int, marker: int) -> None:
    assert not is_rtcp(marker | payload_type)


@pytest.mark.parametrize("kind", [200, 201, 202, 203, 204, 205, 206, 207])
def test_it_knows_rtcp_by_its_type(kind: int) -> None:
    assert is_rtcp(kind)
