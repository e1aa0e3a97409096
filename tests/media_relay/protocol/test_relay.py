"""The messages of the relay's bus, as they lie in Redis: other releases read and write the same."""

import json
from typing import Any

import pytest

from media_relay.errors import ProtocolError
from media_relay.protocol.encoding import encode
from media_relay.protocol.relay import (
    Accepted,
    AnswerPeer,
    Assignment,
    Closed,
    ClosePeer,
    CloseSpace,
    Connected,
    Node,
    Offer,
    OpenPeer,
    PathHealth,
    PathQuality,
    Policy,
    Refusal,
    RelayMessage,
    Request,
    SetPeerPin,
    SetPeerVideo,
    SetPolicy,
    SlotMids,
    Sources,
    Speaker,
    encode_message,
    parse_assignment,
    parse_message,
    parse_node,
    parse_request,
)

POLICY = Policy("s", 4, {"7": Sources(microphone=True)}, "7")
POLICY_JSON = {
    "space": "s",
    "rev": 4,
    "publishers": {"7": {"microphone": True, "camera": False, "screen": False}},
    "spotlight": "7",
}
REQUESTS: list[tuple[Request, dict[str, Any]]] = [
    (
        OpenPeer("q", "reply", "p", "s", "7", True, 9.5, POLICY),
        {
            "type": "peer.open",
            "request": "q",
            "reply_to": "reply",
            "peer": "p",
            "space": "s",
            "user": "7",
            "stage": True,
            "expires_at": 9.5,
            "policy": POLICY_JSON,
        },
    ),
    (
        AnswerPeer("q", "p", "v=0"),
        {"type": "peer.answer", "request": "q", "peer": "p", "sdp": "v=0", "reply_to": ""},
    ),
    (ClosePeer("p", "left"), {"type": "peer.close", "peer": "p", "reason": "left"}),
    (SetPeerVideo("p", False), {"type": "peer.video", "peer": "p", "on": False}),
    (SetPeerPin("p", None), {"type": "peer.pin", "peer": "p", "user": None}),
    (SetPolicy(POLICY), {"type": "policy", "policy": POLICY_JSON}),
    (CloseSpace("s", "ended"), {"type": "space.close", "space": "s", "reason": "ended"}),
]
ASSIGNED = Assignment(("7", None, None), "7", None, "7")
ASSIGNED_VALUES = {"audio": ("7", None, None), "video": "7", "screen": None, "active": "7"}
MESSAGES: list[tuple[RelayMessage, dict[str, Any]]] = [
    (
        Offer("q", "p", "r", "v=0", SlotMids(("0",), "1", "2", "3", "4", "5"), ASSIGNED),
        {
            "type": "relay.offer",
            "request": "q",
            "peer": "p",
            "relay": "r",
            "sdp": "v=0",
            "slots": {
                "audio": ("0",),
                "video": "1",
                "screen": "2",
                "microphone": "3",
                "camera": "4",
                "display": "5",
            },
            "assigned": ASSIGNED_VALUES,
        },
    ),
    (Accepted("q", "p"), {"type": "relay.accepted", "request": "q", "peer": "p"}),
    (
        Refusal("q", "p", "bad_sdp", "no"),
        {"type": "relay.error", "request": "q", "peer": "p", "code": "bad_sdp", "text": "no"},
    ),
    (Connected("p"), {"type": "relay.connected", "peer": "p"}),
    (Closed("p", "left"), {"type": "relay.closed", "peer": "p", "reason": "left"}),
    (
        Speaker(ASSIGNED, personal=True, peer="p"),
        {"type": "relay.speaker", "assigned": ASSIGNED_VALUES, "personal": True, "peer": "p"},
    ),
    (
        PathHealth("p", PathQuality.AUDIO_ONLY, PathQuality.GOOD),
        {"type": "relay.health", "peer": "p", "level": "audio_only", "sending": "good"},
    ),
]


@pytest.mark.parametrize(("request_", "values"), REQUESTS)
def test_it_writes_and_reads_a_request(request_: Request, values: dict[str, Any]) -> None:
    assert json.loads(encode(request_)) == values
    assert parse_request(json.dumps(values)) == request_


@pytest.mark.parametrize(("request_", "values"), REQUESTS)
def test_it_refuses_a_request_with_a_field_too_many_or_too_few(
    request_: Request, values: dict[str, Any]
) -> None:
    wrong = [{**values, "more": 1}, {name: values[name] for name in list(values)[:2]}]
    for text in (json.dumps(one) for one in wrong if one != values):
        with pytest.raises(ProtocolError):
            parse_request(text)


@pytest.mark.parametrize(("message", "values"), MESSAGES)
def test_it_writes_and_reads_a_message(message: RelayMessage, values: dict[str, Any]) -> None:
    assert encode_message(message) == values
    assert parse_message(json.loads(json.dumps(values))) == message


@pytest.mark.parametrize(
    "text",
    [
        b'{"type":"policy","policy":{"space":"s","rev":"4","publishers":{}}}',
        b'{"type":"policy","policy":{"space":"s","rev":true,"publishers":{}}}',
        b'{"type":"policy","policy":{"space":"s","rev":4,"publishers":{"7":{"drum":true}}}}',
        b'{"type":"peer.pin","peer":"p","user":7}',
        b'{"type":"peer.video","peer":"p","on":1}',
        b'{"type":"peer.close","peer":"\xff","reason":""}',
        b'{"type":5}',
    ],
)
def test_it_refuses_a_field_of_another_type(text: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_request(text)


def test_it_takes_a_whole_number_for_a_second() -> None:
    opening, values = REQUESTS[0]
    assert isinstance(opening, OpenPeer)
    parsed = parse_request(json.dumps({**values, "expires_at": 9}))
    assert isinstance(parsed, OpenPeer) and parsed.expires_at == 9.0


def test_it_reads_a_node_that_says_more_than_it_knows() -> None:
    """A relay of a later release may describe itself by more."""
    node = Node("r", "127.0.0.1", 5004, 3, 0.25, draining=False, full=True)
    values = json.loads(encode(node))
    assert parse_node(json.dumps({**values, "colour": "red"})) == node
    with pytest.raises(ProtocolError):
        parse_node(json.dumps({**values, "port": "5004"}))


def test_it_reads_who_is_in_the_slots() -> None:
    assert parse_assignment(encode(ASSIGNED)) == ASSIGNED
    with pytest.raises(ProtocolError):
        parse_assignment('{"audio": "7"}')
