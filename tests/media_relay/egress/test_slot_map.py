import pytest
from msgspec.structs import replace

from media_relay.egress.slot_map import NOBODY, SCREEN, SLOTS, VIDEO, SlotMap, parse_users
from media_relay.errors import ProtocolError
from media_relay.protocol.encoding import encode
from media_relay.protocol.relay import Assignment

ASSIGNMENT = Assignment(("a", None, "b"), video="c", screen="d", active="a")


def test_it_takes_what_a_home_relay_writes() -> None:
    users = parse_users(encode(ASSIGNMENT))
    assert [users.user_in(slot) for slot in range(SLOTS + 1)] == ["a", None, "b", "c", "d", None]
    assert users.by_slot == ("a", None, "b", "c", "d")
    assert users.active == "a"
    assert encode(users) == encode(ASSIGNMENT), "The log has it as the home wrote it."


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        encode(NOBODY).replace(b'"video"', b'"other"'),
        encode(NOBODY).replace(b"[null,null,null]", b"[null,null]"),
        encode(NOBODY).replace(b"[null,null,null]", b"[null,null,5]"),
    ],
)
def test_it_refuses_what_does_not_name_every_slot(text: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_users(text)


def test_it_knows_who_is_heard() -> None:
    slots = SlotMap()
    assert slots.heard == []
    slots.take(replace(NOBODY, audio=("a", None, "b"), video="c"))
    assert slots.heard == [(0, "a"), (2, "b")]
    assert (slots.user_in(VIDEO), slots.user_in(SCREEN)) == ("c", None)
