"""A page can say what it likes; the server decides.

Each test is a listener who writes to the wire by hand.
"""

import json

import pytest

from tests.browser.people import Person
from tests.browser.town import Town
from tests.browser.voices import GREEN, RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def room(town: Town) -> tuple[Person, Person, Person]:
    """A host who talks, a listener who will forge, and a witness."""
    host, forger, witness = town.person(RED), town.person(GREEN), town.person()
    host.is_live_in("Trust nobody")
    host.talks()
    for listener in (forger, witness):
        listener.listens_to(host.room_url)
        listener.hears(RED)
    return host, forger, witness


def test_a_listener_who_forges_actions_is_refused(room: tuple[Person, Person, Person]) -> None:
    host, forger, witness = room
    me, them = forger.user_id(), host.user_id()
    forged: list[tuple[str, dict[str, object]]] = [
        ("speak.approve", {"user": me}),
        ("space.end", {}),
        ("room.mute_all", {}),
        ("room.remove", {"user": them}),
        ("room.lock_mics", {"on": True}),
        ("room.update", {"title": "Mine now"}),
        ("host.hand_over", {"user": me}),
        ("invite.send", {"user": me, "role": "cohost"}),
        ("spotlight.set", {"user": me}),
        ("mic.set", {"on": True}),
        ("camera.set", {"on": True}),
        ("screen.set", {"on": True}),
    ]
    for type_, fields in forged:
        answer = forger.says({"type": type_, "ref": type_, **fields})
        assert (answer["type"], answer["code"]) == ("error", "not_allowed"), type_
        assert answer["message"], "a refusal has a sentence"
    witness.hears(RED)
    host.is_live()


def test_a_listener_who_sends_sound_is_not_forwarded(room: tuple[Person, Person, Person]) -> None:
    host, forger, witness = room
    forger.smuggles_sound()
    sent = forger.packets_sent()
    forger.until(lambda: forger.packets_sent() > sent + 50, "packets leave the forger's browser")
    witness.hears_nothing_of(GREEN, seconds=2)
    host.hears_nothing_of(GREEN, seconds=1)
    assert witness.tiles() == 1, "the forger is not on stage"
    witness.hears(RED)


MALFORMED = [
    ("this is not JSON", "bad_message"),
    ("[1, 2, 3]", "bad_message"),
    ('"just a string"', "bad_message"),
    ('{"no": "type"}', "bad_message"),
    ('{"type": "seat.take"}', "bad_message"),
    ('{"type": "__class__"}', "bad_message"),
    ('{"type": ["ping"]}', "bad_message"),
    ('{"type": "ping", "ref": 7}', "bad_message"),
    ('{"type": "speak.approve"}', "bad_message"),
    ('{"type": "speak.approve", "user": {"id": 1}}', "bad_message"),
    ("[" * 50_000, "bad_message"),
    (json.dumps({"type": "media.answer", "peer": "x", "sdp": "v=0\r\n" * 7_000}), "too_large"),
]


def test_a_malformed_message_is_answered_with_an_error(room: tuple[Person, Person, Person]) -> None:
    _host, forger, witness = room
    for text, code in MALFORMED:
        answer = forger.says_text(text)
        assert (answer["type"], answer["code"]) == ("error", code), text[:80]
        assert forger.says({"type": "ping", "ref": "still"})["type"] == "pong", (
            f"the socket lives on after {text[:80]}"
        )
    for person in (forger, witness):
        person.hears(RED)


def test_a_megabyte_of_sdp_harms_nobody_else(room: tuple[Person, Person, Person]) -> None:
    host, forger, witness = room
    peer = forger.peer_id()
    answer = forger.says_text(
        json.dumps({"type": "media.answer", "peer": peer, "sdp": "a" * 1024 * 1024})
    )
    assert (answer["type"], answer["code"]) == ("error", "too_large")
    assert forger.says({"type": "ping", "ref": "still"})["type"] == "pong", "the socket lives on"
    for person in (forger, witness):
        person.hears(RED)
    assert host.says({"type": "ping", "ref": "host"})["type"] == "pong"


def test_a_flood_is_slowed_and_then_cut(room: tuple[Person, Person, Person]) -> None:
    _host, forger, witness = room
    forger.ask(
        '() => { for (let n = 0; n < 2000; n += 1) instruments.socket().send(\'{"type": "ping"}\'); }'
    )
    forger.until(lambda: "rate_limited" in forger.error_codes(), "the flood is refused")
    forger.until(lambda: 4429 in forger.close_codes(), "the socket is cut")
    witness.hears(RED)
    assert witness.says({"type": "ping", "ref": "witness"})["type"] == "pong"
