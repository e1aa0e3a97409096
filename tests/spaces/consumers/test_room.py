"""Who gets in, what a socket may send, and that one bad socket harms nobody."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.utils import timezone
from knox.models import AuthToken
from limits import RateLimitItemPerMinute

from accounts.models import User
from accounts.services import relationships
from config.rates import ROOM_RATES
from spaces.models import Seat, Space
from spaces.services import scheduling, sweep
from tests.spaces.sockets import ORIGIN, RoomSocket, in_room, wire
from tests.spaces.town import acookie_of, agreen_space, alive_space, apeople, aperson

pytestmark = pytest.mark.django_db(transaction=True)


async def turned_away(communicator: Any) -> tuple[str, int | None]:  # Any: a communicator of channels.
    """Return the code of the one error and of the close."""
    connected, _ = await communicator.connect(10)
    assert connected
    socket = RoomSocket(communicator)
    error = await socket.next("error")
    code = await socket.closed()
    return error["code"], code


# --- getting in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"origin", b"http://evil.example")],
        [(b"origin", b"http://localhost:8000.evil.example")],
        [(b"origin", b"null")],
        [(b"origin", ORIGIN.encode()), (b"authorization", b"Token nonsense")],
        [(b"authorization", b"Basic YTpi")],
    ],
    ids=["no origin", "foreign", "lookalike", "null", "bad token", "other scheme"],
)
async def test_it_refuses_the_handshake(headers: list[tuple[bytes, bytes]]) -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    communicator = wire(space, headers=headers)
    connected, _ = await communicator.connect(10)
    assert not connected


async def test_it_lets_programs_in_by_token_without_an_origin() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    _, token = await sync_to_async(AuthToken.objects.create)(bob)
    communicator = wire(space, headers=[(b"authorization", f"Token {token}".encode())])
    await communicator.connect(10)
    snapshot = await RoomSocket(communicator).next("space.snapshot")
    assert snapshot["me"]["user"]["handle"] == "bob"
    await communicator.disconnect()


async def test_it_takes_a_bad_cookie_for_a_visitor() -> None:
    space = await alive_space(await aperson("alice"))
    communicator = wire(space, cookie="made-up")
    await communicator.connect(10)
    assert (await RoomSocket(communicator).next("space.snapshot"))["me"]["role"] == "visitor"
    await communicator.disconnect()


async def test_it_turns_visitors_away_where_the_host_wants_accounts() -> None:
    space = await alive_space(await aperson("alice"), visitors_allowed=False)
    assert await turned_away(wire(space)) == ("log_in", 4401)


async def test_it_says_not_available_for_no_such_space() -> None:
    assert await turned_away(wire("zzzzzzzzzzzz")) == ("not_available", 4403)


async def test_it_keeps_others_out_of_an_unstarted_green_room() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await agreen_space(alice)
    assert await turned_away(wire(space, await acookie_of(bob))) == ("not_available", 4403)
    assert await turned_away(wire(space)) == ("not_available", 4403)


async def test_it_says_ended_after_the_end() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    await sync_to_async(scheduling.end)(space, alice)
    assert await turned_away(wire(space, await acookie_of(alice))) == ("ended", 4410)


@pytest.mark.parametrize("by_host", [True, False])
async def test_it_keeps_out_who_is_across_a_block(by_host: bool) -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    await sync_to_async(relationships.block)(*(alice, bob) if by_host else (bob, alice))
    assert await turned_away(wire(space, await acookie_of(bob))) == ("not_available", 4403)


async def test_it_keeps_newcomers_out_of_a_locked_room_but_not_who_was_there() -> None:
    alice, bob, carol = await apeople("alice", "bob", "carol")
    space = await alive_space(alice)
    async with in_room(space, bob):
        pass
    async with in_room(space, alice) as host:
        await host.do("room.update", locked=True)
    assert await turned_away(wire(space, await acookie_of(carol))) == ("not_available", 4403)
    assert await turned_away(wire(space)) == ("not_available", 4403)
    async with in_room(space, bob):
        pass


async def test_it_shows_who_waits_when_a_scheduled_space_goes_live() -> None:
    alice, bob = await apeople("alice", "bob")
    draft = scheduling.Draft("Later")
    space = await sync_to_async(scheduling.schedule)(alice, draft, timezone.now() + timedelta(minutes=10))
    async with in_room(space, bob) as guest, in_room(space, alice) as host:
        assert host.seen[0]["space"]["state"] == "green"
        assert (await guest.refused("speak.request")) == "not_live"
        assert (await guest.refused("media.connect")) == "not_live"
        await host.do("space.start")
        await guest.next("space.changed", rev=(await host.snapshot())["rev"])


# --- bad messages ------------------------------------------------------------------------------------------------


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
        assert set(errors) == {"rate_limited"} and len(errors) < 50, "The answer to a flood is no flood."
        await host.do("ping")


async def test_it_speaks_the_persons_language() -> None:
    alice = await aperson("alice", language="id")
    space = await alive_space(alice)
    async with in_room(space, alice) as host:
        answer = await host.ask("seat.leave")
    assert answer["code"] == "hand_over_first" and answer["message"]


# --- one presence ------------------------------------------------------------------------------------------------


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


# --- being put out -----------------------------------------------------------------------------------------------


async def test_it_puts_out_whom_the_host_removes_from_every_tab() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, alice) as host, in_room(space, bob) as guest:
        await host.do("room.remove", user=bob.pk)
        await guest.next("removed")
        assert await guest.closed() == 4403
        assert await turned_away(wire(space, await acookie_of(bob))) == ("not_available", 4403)
        await host.do("room.unban", user=bob.pk)
    async with in_room(space, bob):
        pass


async def test_it_puts_out_whom_the_host_blocks() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, alice), in_room(space, bob) as guest:
        await sync_to_async(relationships.block)(alice, bob)
        await guest.next("removed")
        assert await guest.closed() == 4403


async def test_it_leaves_people_in_place_when_a_speaker_blocks_them() -> None:
    alice, bob, carol = await apeople("alice", "bob", "carol")
    space = await alive_space(alice, speak_rule="everyone")
    async with in_room(space, bob) as speaker, in_room(space, carol) as guest:
        assert (await speaker.do("speak.request"))["state"] == "seated"
        await sync_to_async(relationships.block)(bob, carol)
        assert (await guest.do("speak.request"))["state"] == "seated"


async def suspend(user: User) -> None:
    await sync_to_async(User.objects.filter(pk=user.pk).update)(is_active=False)


async def log_out(user: User) -> None:
    await sync_to_async(Session.objects.all().delete)()


async def change_password(user: User) -> None:
    await sync_to_async(User.objects.filter(pk=user.pk).update)(password="another")


@pytest.mark.parametrize("how", [suspend, log_out, change_password])
async def test_it_closes_sockets_whose_log_in_has_ended(how: Any) -> None:  # Any: one of the three above.
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, bob) as guest:
        await how(bob)
        started = asyncio.get_running_loop().time()
        assert await guest.closed() == 4401
        assert asyncio.get_running_loop().time() - started < 4  # 2 s in the product; this machine may be busy.


async def test_it_takes_suspended_people_off_the_stage() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice, speak_rule="everyone")
    async with in_room(space, bob) as guest, in_room(space, alice) as host:
        await guest.do("speak.request")
        await suspend(bob)
        await sync_to_async(sweep.sweep)()
        await host.next("seat.removed", user=bob.pk)
        assert not await Seat.objects.filter(user=bob).aexists()


async def test_it_goes_on_under_a_cohost_when_the_host_is_suspended() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, alice) as host, in_room(space, bob) as cohost:
        await host.do("invite.send", user=bob.pk, role="cohost")
        await cohost.do("invite.accept")
        await suspend(alice)
        await sync_to_async(sweep.sweep)()
        assert (await cohost.next("host.changed"))["acting_host"] == bob.pk
        assert "end" in (await cohost.snapshot())["me"]["can"]
    assert await Space.objects.visible_to(None).filter(pk=space.pk).aexists(), "Who is in it may come back to it."
    assert not await Seat.objects.filter(user=alice).aexists()


async def test_it_ends_the_room_of_a_suspended_host() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with in_room(space) as visitor:
        await suspend(alice)
        await sync_to_async(sweep.sweep)()
        ended = await visitor.next("space.ended")
        assert (ended["reason"], ended["by"]) == ("moderators", None)
    assert (await Space.objects.aget(pk=space.pk)).state == "ended"


# --- what others may not see -------------------------------------------------------------------------------------


async def test_it_sends_requests_to_host_and_cohosts_only() -> None:
    alice, bob, carol = await apeople("alice", "bob", "carol")
    space = await alive_space(alice)
    async with in_room(space, alice) as host, in_room(space, bob) as asker, in_room(space, carol) as other:
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
        assert [each["user"]["handle"] for each in people["people"]] == ["bob"] and people["next"] is None


async def test_it_gathers_reactions_and_limits_them() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, alice) as host, in_room(space, bob) as guest, in_room(space) as visitor:
        await guest.do("reaction.send", emoji="👏")
        assert await guest.refused("reaction.send", emoji="👏") == "rate_limited"
        assert await visitor.refused("reaction.send", emoji="👏") == "log_in"
        assert (await host.next("reactions"))["items"] == [[bob.pk, "👏", 1]]


async def test_it_limits_joins_and_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    once = (RateLimitItemPerMinute(1),)
    monkeypatch.setattr("spaces.consumers.quota.ROOM_RATES", {**ROOM_RATES, "join": once, "request": once})
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
