"""Who is put out of a room, by whom, and what becomes of it."""

import asyncio
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session

from accounts.models import User
from accounts.services import relationships
from spaces.models import Seat, Space
from spaces.services import room_timers
from tests.accounts import people
from tests.spaces.sockets import in_room, turned_away, wire
from tests.spaces.town import acookie_of, alive_space, apeople, aperson

pytestmark = pytest.mark.django_db(transaction=True)


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


async def add_second_factor(user: User) -> None:
    """In another browser; the log-in of this one was written down by the form."""
    session = await Session.objects.aget()
    await UserSession.objects.acreate(user=user, session_key=session.session_key, ip="127.0.0.1")
    await sync_to_async(people.add_second_factor)(user)


@pytest.mark.parametrize("how", [suspend, log_out, change_password, add_second_factor])
# Any: one of the four above.
async def test_it_closes_sockets_whose_log_in_has_ended(how: Any) -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, bob) as guest:
        await how(bob)
        started = asyncio.get_running_loop().time()
        assert await guest.closed() == 4401
        # 2 s in the product; this machine may be busy.
        assert asyncio.get_running_loop().time() - started < 4


async def test_it_takes_suspended_people_off_the_stage() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice, speak_rule="everyone")
    async with in_room(space, bob) as guest, in_room(space, alice) as host:
        await guest.do("speak.request")
        await suspend(bob)
        await sync_to_async(room_timers.sweep)()
        await host.next("seat.removed", user=bob.pk)
        assert not await Seat.objects.filter(user=bob).aexists()


async def test_it_goes_on_under_a_cohost_when_the_host_is_suspended() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, alice) as host, in_room(space, bob) as cohost:
        await host.do("invite.send", user=bob.pk, role="cohost")
        await cohost.do("invite.accept")
        await suspend(alice)
        await sync_to_async(room_timers.sweep)()
        assert (await cohost.next("host.changed"))["acting_host"] == bob.pk
        assert "end" in (await cohost.snapshot())["me"]["can"]
    assert await Space.objects.visible_to(None).filter(pk=space.pk).aexists(), (
        "Who is in it may come back to it."
    )
    assert not await Seat.objects.filter(user=alice).aexists()


async def test_it_ends_the_room_of_a_suspended_host() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with in_room(space) as visitor:
        await suspend(alice)
        await sync_to_async(room_timers.sweep)()
        ended = await visitor.next("space.ended")
        assert (ended["reason"], ended["by"]) == ("moderators", None)
    assert (await Space.objects.aget(pk=space.pk)).state == "ended"
