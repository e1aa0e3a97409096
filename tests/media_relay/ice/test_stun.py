"""Our STUN against aioice's, and everything cut, stretched or unsigned."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from aioice import stun as reference

from media_relay.ice import stun
from media_relay.transport.udp_receiver import encode_address

KEY = b"the password of this peer"
AF_INET, AF_INET6 = 2, 10


def check(
    username: str = "ours:theirs", attributes: Mapping[str, int | None] = MappingProxyType({})
) -> bytes:
    message = reference.Message(reference.Method.BINDING, reference.Class.REQUEST)
    message.attributes = {"USERNAME": username, "PRIORITY": 1, **attributes}
    message.add_message_integrity(KEY)
    return bytes(message)


def test_it_reads_a_check_of_another_implementation() -> None:
    data = check(attributes={"ICE-CONTROLLING": 5, "USE-CANDIDATE": None})
    request = stun.parse_request(data)
    assert (request.local_ufrag, request.remote_ufrag) == ("ours", "theirs")
    assert request.nominated
    assert not request.controlled
    assert stun.is_signed(data, request.integrity_at, KEY)


def test_it_does_not_believe_another_key_or_a_changed_byte() -> None:
    data = check()
    request = stun.parse_request(data)
    assert not stun.is_signed(data, request.integrity_at, KEY + b"x")
    forged = data.replace(b"ours:theirs", b"ours:theirz")
    assert not stun.is_signed(forged, request.integrity_at, KEY)


@pytest.mark.parametrize(
    ("family", "host", "seen"),
    [
        (AF_INET, "192.0.2.7", "192.0.2.7"),
        (AF_INET6, "2001:db8::7", "2001:db8::7"),
        (AF_INET6, "192.0.2.7", "192.0.2.7"),
    ],
    ids=["IPv4", "IPv6", "IPv4 on a dual-stack socket"],
)
def test_it_answers_so_that_another_implementation_believes_it(
    family: int, host: str, seen: str
) -> None:
    request = stun.parse_request(check())
    answer = reference.parse_message(
        stun.encode_success(request.transaction_id, encode_address(family, host, 4711), KEY)
    )
    assert answer.check_message_integrity(KEY)
    assert answer.message_class is reference.Class.RESPONSE
    assert answer.transaction_id == request.transaction_id
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == (seen, 4711)


def test_it_tells_a_controlled_peer_to_take_the_other_role() -> None:
    data = check(attributes={"ICE-CONTROLLED": 5})
    request = stun.parse_request(data)
    assert request.controlled
    answer = reference.parse_message(stun.encode_role_conflict(request.transaction_id, KEY))
    assert answer.attributes["ERROR-CODE"] == (487, "Role Conflict")
    assert answer.check_message_integrity(KEY)


def test_it_ignores_what_follows_the_signature() -> None:
    """USE-CANDIDATE put behind MESSAGE-INTEGRITY is nobody's word (RFC 8489 §14.5)."""
    message = reference.Message(reference.Method.BINDING, reference.Class.REQUEST)
    message.attributes = {"USERNAME": "ours:theirs"}
    message.add_message_integrity(KEY)
    message.attributes.pop("FINGERPRINT")
    message.attributes["USE-CANDIDATE"] = None
    assert not stun.parse_request(bytes(message)).nominated


@pytest.mark.parametrize("length", range(len(check())))
def test_it_refuses_every_truncation(length: int) -> None:
    with pytest.raises(ValueError):
        stun.parse_request(check()[:length])


@pytest.mark.parametrize("position", range(0, len(check()), 2))
def test_it_raises_nothing_but_value_errors_for_any_changed_byte(position: int) -> None:
    for value in (0, 1, 0x7F, 0x80, 0xFF):
        data = bytearray(check())
        data[position] = value
        try:
            request = stun.parse_request(bytes(data))
            stun.is_signed(bytes(data), request.integrity_at, KEY)
        except ValueError:
            pass


@pytest.mark.parametrize(
    "data",
    [
        check().replace(b"\x21\x12\xa4\x42", b"\x21\x12\xa4\x43"),
        b"\x01\x01" + check()[2:],
        bytes(reference.Message(reference.Method.BINDING, reference.Class.REQUEST)),
        check(username="no separator"),
        check(username="é:x"),
    ],
    ids=["cookie", "response", "unsigned", "separator", "not ASCII"],
)
def test_it_refuses_what_is_no_check(data: bytes) -> None:
    with pytest.raises(ValueError):
        stun.parse_request(data)


def answer(kind: reference.Class = reference.Class.RESPONSE) -> bytes:
    """Return what another implementation answers to our check."""
    message = reference.Message(reference.Method.BINDING, kind, transaction_id=b"t" * 12)
    if kind is reference.Class.RESPONSE:
        message.attributes["XOR-MAPPED-ADDRESS"] = ("192.0.2.7", 4711)
    else:
        message.attributes["ERROR-CODE"] = (487, "Role Conflict")
    message.add_message_integrity(KEY)
    return bytes(message)


def test_it_asks_so_that_another_implementation_believes_it() -> None:
    attributes = stun.check_attributes("theirs:ours")
    message = reference.parse_message(stun.encode_check(b"t" * 12, attributes, KEY))
    assert message.check_message_integrity(KEY)
    assert message.message_class is reference.Class.REQUEST
    assert message.attributes["USERNAME"] == "theirs:ours"
    assert message.transaction_id == b"t" * 12


@pytest.mark.parametrize("kind", [reference.Class.RESPONSE, reference.Class.ERROR])
def test_it_reads_an_answer_of_another_implementation(kind: reference.Class) -> None:
    data = answer(kind)
    found = stun.parse_answer(data)
    assert found.transaction_id == b"t" * 12
    assert found.is_success == (kind is reference.Class.RESPONSE)
    assert stun.is_signed(data, found.integrity_at, KEY)
    assert not stun.is_signed(data, found.integrity_at, KEY + b"x")


@pytest.mark.parametrize("length", range(len(answer())))
def test_it_refuses_every_truncation_of_an_answer(length: int) -> None:
    with pytest.raises(ValueError):
        stun.parse_answer(answer()[:length])


@pytest.mark.parametrize("position", range(0, len(answer()), 2))
def test_it_raises_nothing_but_value_errors_for_any_changed_byte_of_an_answer(
    position: int,
) -> None:
    for value in (0, 1, 0x7F, 0x80, 0xFF):
        data = bytearray(answer())
        data[position] = value
        try:
            found = stun.parse_answer(bytes(data))
            stun.is_signed(bytes(data), found.integrity_at, KEY)
        except ValueError:
            pass


@pytest.mark.parametrize(
    "data",
    [
        check(),
        answer().replace(b"\x21\x12\xa4\x42", b"\x21\x12\xa4\x43"),
        bytes(
            reference.Message(
                reference.Method.BINDING, reference.Class.RESPONSE, transaction_id=b"t" * 12
            )
        ),
    ],
    ids=["a request", "cookie", "unsigned"],
)
def test_it_refuses_what_is_no_answer(data: bytes) -> None:
    with pytest.raises(ValueError):
        stun.parse_answer(data)
