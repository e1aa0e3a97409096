"""What a socket may send, that one bad socket harms nobody, and what others do not see."""

import json

import pytest
from limits import RateLimitItemPerMinute

from config.http.rate_limits import ROOM_RATES
from tests.spaces.sockets import in_room, turned_away, wire
from tests.spaces.town import acookie_of, alive_space, apeople, aperson

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_message"),
        ("[1]", "bad_message"),
        ('{"type":"launch.rockets"}', "bad_message"),
        ("[" * 20_000, "bad_message"),
        (json.dumps({"type": "media.answer", "peer": "x", "sdp": "a" * 1024 * 1024}), "too_large"),
        (json.dumps({"type": "media.answer", "peer": "x", "sdp": "a" * 40_000}), "too_large"),
        (json.dumps({"type": "media.answer", "peer": "x", "sdp": "v=0"}), "media_failed"),
        (json.dumps({"type": "reaction.send", "emoji": "🖕"}), "bad_emoji"),
    ],
)
async def test_it_answers_bad_messages_with_an_error_and_harms_nobody(text: str, code: str) -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, bob) as guest, in_room(space, alice) as host:
        await guest.wire.send_to(text_data=text)
        assert (await guest.next("error"))["code"] == code
        assert (await guest.do("ping"))["type"] == "pong"
        assert (await host.do("mic.set", on=True))["type"] == "ok"
        await guest.next("seat.changed")


async def test_it_answers_binary_frames_with_an_error() -> None:
    space = await alive_space(await aperson("alice"))
    async with in_room(space) as visitor:
        await visitor.wire.send_to(bytes_data=b"\x00\xff")
        assert (await visitor.next("error"))["code"] == "bad_message"


async def test_it_slows_a_flood_and_then_closes_it() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, bob) as flooder, in_room(space, alice) as host:
        for _ in range(300):
            await flooder.send("ping")
        assert await flooder.closed() == 4429
        errors = [message["code"] for message in flooder.seen if message["type"] == "error"]
        assert set(errors) == {"rate_limited"} and len(errors) < 50, (
            "The answer to a flood is no flood."
        )
        await host.do("ping")


async def test_it_speaks_the_persons_language() -> None:
    alice = await aperson("alice", language="id")
    space = await alive_space(alice)
    async with in_room(space, alice) as host:
        answer = await host.ask("seat.leave")
    assert answer["code"] == "hand_over_first" and answer["message"]


async def test_it_replaces_the_first_tab_by_the_second() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, bob) as first, in_room(space, bob) as second:
        await first.next("replaced")
        assert await first.closed() == 4408
        await second.do("ping")
        assert (await second.do("speak.request"))["state"] == "requested"


async def test_it_keeps_the_microphone_for_the_same_page_only() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with in_room(space, alice, page="one") as host:
        await host.do("mic.set", on=True)
    async with in_room(space, alice, page="one") as host:
        assert host.seen[0]["stage"][0]["mic"] is True
    async with in_room(space, alice, page="two") as host:
        assert host.seen[0]["stage"][0]["mic"] is False


async def test_it_sends_requests_to_host_and_cohosts_only() -> None:
    alice, bob, carol = await apeople("alice", "bob", "carol")
    space = await alive_space(alice)
    async with (
        in_room(space, alice) as host,
        in_room(space, bob) as asker,
        in_room(space, carol) as other,
    ):
        await asker.do("speak.request", reason="my secret reason")
        request = await host.next("request.added")
        assert request["request"]["reason"] == "my secret reason"
        assert (await other.next("rev"))["rev"] == request["rev"]
        await other.do("ping")
        assert "my secret reason" not in json.dumps(other.seen)


async def test_it_counts_listeners_and_visitors() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, alice) as host, in_room(space, bob), in_room(space):
        message = await host.next("listeners.changed", count=2)
        assert [person["handle"] for person in message["sample"]] == ["bob"]
        people = await host.do("people.get")
        assert [each["user"]["handle"] for each in people["people"]] == ["bob"] and people[
            "next"
        ] is None


async def test_it_gathers_reactions_and_limits_them() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with (
        in_room(space, alice) as host,
        in_room(space, bob) as guest,
        in_room(space) as visitor,
    ):
        await guest.do("reaction.send", emoji="👏")
        assert await guest.refused("reaction.send", emoji="👏") == "rate_limited"
        assert await visitor.refused("reaction.send", emoji="👏") == "log_in"
        assert (await host.next("reactions"))["items"] == [[bob.pk, "👏", 1]]


async def test_it_limits_joins_and_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    once = (RateLimitItemPerMinute(1),)
    monkeypatch.setattr(
        "spaces.consumers.rate_limits.ROOM_RATES", {**ROOM_RATES, "join": once, "request": once}
    )
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, bob) as guest:
        await guest.do("speak.request")
        await guest.do("speak.cancel")
        assert await guest.refused("speak.request") == "rate_limited"
    assert await turned_away(wire(space, await acookie_of(bob))) == ("rate_limited", 4429)


async def test_it_leaves_and_closes() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, bob) as guest, in_room(space, alice) as host:
        assert await host.refused("room.leave") == "hand_over_first"
        while (await host.snapshot())["listeners"]["count"] != 1:
            await host.next("listeners.changed")
        await guest.do("room.leave")
        assert await guest.closed() == 1000
        await host.next("listeners.changed", count=0)
