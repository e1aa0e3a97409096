"""Who gets into a room, and what the others are told."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from knox.models import AuthToken
from limits import RateLimitItemPerMinute

from accounts.services import relationships
from config.http.rate_limits import ROOM_RATES
from spaces.services import scheduling
from tests.spaces.sockets import ORIGIN, RoomSocket, in_room, turned_away, wire
from tests.spaces.town import acookie_of, agreen_space, alive_space, apeople, aperson

pytestmark = pytest.mark.django_db(transaction=True)


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


async def test_it_counts_visitors_by_what_the_outermost_trusted_proxy_saw(
    monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    """The entry before is the visitor's own, and a new one each time would make a new visitor."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2  # type: ignore[attr-defined]  # pytest-django's.
    once = (RateLimitItemPerMinute(1),)
    monkeypatch.setattr("spaces.consumers.rate_limits.ROOM_RATES", {**ROOM_RATES, "visit": once})
    space = await alive_space(await aperson("alice"))

    def visit(forwarded: bytes) -> Any:
        return wire(space, headers=[(b"origin", ORIGIN.encode()), (b"x-forwarded-for", forwarded)])

    first = visit(b"192.0.2.1, 203.0.113.7, 198.51.100.2")
    await first.connect(10)
    await RoomSocket(first).next("space.snapshot")
    code, _ = await turned_away(visit(b"192.0.2.2, 203.0.113.7, 198.51.100.2"))
    assert code == "rate_limited"
    other = visit(b"192.0.2.2, 203.0.113.8, 198.51.100.2")
    await other.connect(10)
    await RoomSocket(other).next("space.snapshot")
    for communicator in (first, other):
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
    draft = scheduling.SpaceDraft("Later")
    space = await sync_to_async(scheduling.schedule)(
        alice, draft, timezone.now() + timedelta(minutes=10)
    )
    async with in_room(space, bob) as guest, in_room(space, alice) as host:
        assert host.seen[0]["space"]["state"] == "green"
        assert (await guest.refused("speak.request")) == "not_live"
        assert (await guest.refused("media.connect")) == "not_live"
        await host.do("space.start")
        await guest.next("space.changed", rev=(await host.snapshot())["rev"])
