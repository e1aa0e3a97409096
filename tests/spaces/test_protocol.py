"""What is taken from the wire, and what is not."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from config.env import ROOT
from spaces.protocol import MESSAGES, BadMessage, ClientMessage, parse
from spaces.rooms import commands, events
from spaces.rooms.error_texts import TEXTS
from spaces.rooms.errors import ErrorCode
from spaces.rooms.reactions import REACTIONS
from spaces.rooms.rules import _RULES
from spaces.rooms.state import Role

GOOD: dict[str, Any] = {  # Any: values of each field's type.
    **{
        "user": 7,
        "on": True,
        "role": "cohost",
        "reason": "why",
        "sdp": "v=0",
        "peer": "p",
        "emoji": "👏",
        "sources": ["mic"],
    },
    **{"url": "/p/"},
    **{
        "pin": 3,
        "after": 0,
        "seen": 1,
        "title": "T",
        "speak_rule": "everyone",
        "requests_open": False,
    },
    **{"video": True, "locked": True, "consent": True},
}
BAD: dict[str, list[Any]] = {
    "user": [None, True, -1, 1.5, "7", [], {}, 2**63, 10**400],
    "on": [None, 0, 1, "true", []],
    "role": ["host", "listener", "", None, 1, []],
    "sources": [None, "mic", ["voice"], [1], ["mic", "mic", "mic", "mic"], {}],
    "reason": [None, 1, "x" * 141, "\ud800"],
    "sdp": [None, 1, "x" * (32 * 1024 + 1), "é" * (16 * 1024 + 1), "\ud800"],
    "peer": [None, 1, "x" * 81],
    "emoji": ["", "x", "👏👏", None, 1, [], {}],
    "url": [None, 1, "x" * 501],
    "pin": [None, "3", -1],
    "after": ["1", -1],
    "seen": ["1", -1],
    "title": [1, None, "x" * 501],
    "speak_rule": ["nobody", 1, []],
    "requests_open": [1, None],
    "video": [1, None],
    "locked": ["yes", None],
    "consent": ["yes", 1, None],
}

# The page says them as `${device}.set` and `${kind}.decline`.
PUT_TOGETHER = {"camera.set", "screen.set", "invite.decline", "host.decline"}


def good(kind: str) -> dict[str, Any]:  # Any: values of each field's type.
    return {"type": kind, **{name: GOOD[name] for name in MESSAGES[kind].__struct_fields__}}


def required(kind: str) -> list[str]:
    return [field.name for field in structs.fields(MESSAGES[kind]) if field.required]


def code_of(text: str | None) -> str:
    with pytest.raises(BadMessage) as caught:
        parse(text)
    return caught.value.code


@pytest.mark.parametrize("kind", MESSAGES)
def test_it_reads_every_type(kind: str) -> None:
    message = parse(json.dumps({**good(kind), "ref": "a"}))
    assert (message.type, message.ref) == (kind, "a")


@pytest.mark.parametrize("kind", MESSAGES)
def test_it_refuses_unknown_and_missing_fields(kind: str) -> None:
    assert code_of(json.dumps({**good(kind), "extra": 1})) == "bad_message"
    for name in required(kind):
        fields = good(kind)
        del fields[name]
        assert code_of(json.dumps(fields)) == "bad_message"


FIELDS = [
    (kind, name) for kind in MESSAGES for name in MESSAGES[kind].__struct_fields__ if name != "user"
]


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_it_refuses_values_of_the_wrong_kind(kind: str, name: str) -> None:
    for value in BAD[name]:
        assert code_of(json.dumps({**good(kind), name: value})) in (
            "bad_message",
            "too_large",
            "bad_emoji",
        )


@pytest.mark.parametrize("value", BAD["user"][1:])
def test_it_refuses_users_that_are_no_ids(value: object) -> None:
    assert code_of(json.dumps({"type": "speak.approve", "user": value})) == "bad_message"


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "{",
            "null",
            "[]",
            "1",
            '"ping"',
            "{}",
            '{"type":1}',
            '{"type":"__init__"}',
            '{"type":"nope"}',
        ],
        *[
            '{"type":"ping","ref":1}',
            '{"type":"ping","ref":"' + "x" * 41 + '"}',
            '{"type":["ping"]}',
            "\x00",
            "NaN",
        ],
        *[
            "[" * 60_000,
            '{"type":"ping","seen":' + "9" * 5000 + "}",
            '{"a":' * 10_000 + "1" + "}" * 10_000,
        ],
    ],
)
def test_it_refuses_what_is_no_message(text: str) -> None:
    assert code_of(text) in ("bad_message", "too_large")


def test_it_refuses_binary_frames() -> None:
    assert code_of(None) == "bad_message"


def test_it_refuses_large_messages_before_reading_them() -> None:
    assert code_of("[" * (64 * 1024 + 1)) == "too_large"
    assert code_of('{"type":"ping","ref":"' + "é" * 40_000 + '"}') == "too_large"


def test_it_returns_the_ref_of_a_message_it_refuses() -> None:
    with pytest.raises(BadMessage) as caught:
        parse('{"type":"speak.approve","ref":"q","user":"x"}')
    assert caught.value.ref == "q"


def test_it_reads_what_no_database_takes_as_a_blank() -> None:
    body = parse(json.dumps({"type": "speak.request", "reason": "a\u0000b"})).body
    assert body == commands.RequestToSpeak("a b")


def test_it_answers_half_a_surrogate_pair_by_its_ref() -> None:
    with pytest.raises(BadMessage) as caught:
        parse('{"type":"speak.request","ref":"q","reason":"\\ud83d"}')
    assert (caught.value.code, caught.value.ref) == ("bad_message", "q")


def test_it_reads_an_invitation() -> None:
    text = '{"type":"invite.send","user":7,"role":"cohost","ref":"x"}'
    assert parse(text) == ClientMessage("invite.send", commands.Invite(7, Role.COHOST), "x")


def test_it_has_a_rule_for_every_command_on_the_wire() -> None:
    named = {shape for shape in MESSAGES.values() if issubclass(shape, commands.RoomCommand)}
    # The rules see what the service found at its address.
    assert (named - {commands.AddPin}) | {commands.PinPost} <= set(_RULES)


def test_it_takes_no_message_that_the_page_never_sends() -> None:
    scripts = "\n".join(path.read_text() for path in (ROOT / "static" / "js").rglob("*.js"))
    assert {kind for kind in MESSAGES if f'"{kind}"' not in scripts} == PUT_TOGETHER


def test_it_tells_clients_every_event() -> None:
    """Each is made somewhere in the rules, not only declared and encoded."""
    rules = "\n".join(path.read_text() for path in (ROOT / "spaces" / "rooms").rglob("*.py"))
    declared = {name for name, each in vars(events).items() if is_told(each)}
    # A pattern of `match` reads like a call.
    made = set(re.findall(r"(?<!case )(?<!\| )\bevents\.(\w+)\(", rules))
    assert declared - made == set()


def is_told(each: object) -> bool:
    return isinstance(each, type) and each.__base__ in (
        events.ToEveryone,
        events.ToHosts,
        events.ToOne,
    )


def test_it_has_a_sentence_for_every_code() -> None:
    assert set(TEXTS) == set(ErrorCode)


def test_it_reads_every_reaction_that_is_declared() -> None:
    for emoji in REACTIONS:
        assert parse(json.dumps({"type": "reaction.send", "emoji": emoji})).type == "reaction.send"


def test_it_has_each_error_code_in_the_document() -> None:
    with open("spaces/PROTOCOL.md", encoding="utf-8") as file:
        listed = file.read().split("## Error codes")[1]
    assert {code for code in TEXTS if f"`{code}`" not in listed} == set()


def test_it_has_each_type_in_the_document() -> None:
    with open("spaces/PROTOCOL.md", encoding="utf-8") as file:
        text = file.read()
    assert {kind for kind in MESSAGES if f"`{kind}`" not in text} == set()


@given(st.text())
def test_it_never_raises_anything_but_bad_message(text: str) -> None:
    with pytest.raises(BadMessage):
        parse(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from(sorted(MESSAGES)),
    st.dictionaries(st.sampled_from(sorted(GOOD)), JSON, max_size=4),
)
def test_it_reads_or_refuses_any_fields(kind: str, fields: dict[str, Any]) -> None:
    try:
        parse(json.dumps({"type": kind, **fields}))
    except BadMessage as error:
        assert error.code in TEXTS
