import json

import pytest

from media_relay.errors import ProtocolError
from media_relay.protocol.egress import (
    Caption,
    CaptionStatus,
    EgressMessage,
    RecordingStatus,
    Wanted,
    parse_message,
    parse_wanted,
)
from media_relay.protocol.encoding import encode

FULL = Wanted("space-1", True, "en", "rec_1-a", ("1", "2"))


def test_it_reads_back_a_wish() -> None:
    assert parse_wanted(encode(FULL)) == FULL
    assert parse_wanted(b'{"space": "s"}') == Wanted("s")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"space": "s", "more": 1}',
        '{"space": "s", "consented": 5}',
        *(
            json.dumps({"space": "s", "recording": name})
            for name in ("", "..", "a/b", "x" * 65, "a b", 5)
        ),
    ],
)
def test_it_refuses_what_nobody_could_want(text: str) -> None:
    """The recording's id names a folder: nothing in it may lead elsewhere."""
    with pytest.raises(ProtocolError):
        parse_wanted(text)


MESSAGES: list[EgressMessage] = [
    Caption("7", "a", "well", False, 5),
    CaptionStatus("unavailable", "no_engine"),
    RecordingStatus("rec", "failed", "disk_full", 10, 20),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_it_reads_back_a_message_of_egress(message: EgressMessage) -> None:
    assert parse_message(encode(message)) == message


@pytest.mark.parametrize(
    "text", ["{}", '{"type": "caption"}', '{"type": "caption_status", "status": "splendid"}']
)
def test_it_refuses_what_egress_would_not_say(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_message(text)
