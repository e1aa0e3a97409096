"""What the host changes before the start reaches every open socket of the room."""

from datetime import UTC, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.models import User
from spaces.models import AuditEntry, Space
from spaces.services import scheduling
from spaces.services.scheduling import SpaceDraft
from tests.spaces.sockets import in_room
from tests.spaces.town import apeople

pytestmark = pytest.mark.django_db(transaction=True)
move, edit = sync_to_async(scheduling.move), sync_to_async(scheduling.edit)


async def scheduled(host: User, **ahead: float) -> Space:
    draft = SpaceDraft("Tea", topics=["Food"], video_enabled=True)
    moment = timezone.now() + timedelta(**ahead)
    return await sync_to_async(scheduling.schedule)(host, draft, moment, "Europe/Berlin")


async def test_it_tells_those_who_wait_of_another_time() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await scheduled(alice, hours=2)
    tomorrow = timezone.now() + timedelta(days=1)
    async with in_room(space, bob) as waiting, in_room(space) as visitor:
        await move(space, alice, tomorrow, "Asia/Jakarta")
        for socket in (waiting, visitor):
            changed = await socket.next("space.changed")
            assert changed["space"]["scheduled_for"] == tomorrow.astimezone(
                UTC
            ).isoformat().replace("+00:00", "Z")
            assert changed["rev"] == socket.seen[0]["rev"] + 1
            assert (await socket.snapshot())["space"] == changed["space"]
    entry = await AuditEntry.objects.aget(action="space.move")
    assert entry.detail == {"scheduled_for": tomorrow.isoformat(), "time_zone": "Asia/Jakarta"}


async def test_it_tells_an_open_green_room_of_another_draft() -> None:
    (alice,) = await apeople("alice")
    space = await scheduled(alice, minutes=10)
    async with in_room(space, alice) as host:
        assert host.seen[0]["space"]["state"] == "green"
        await host.do("camera.set", on=True)
        await host.next("seat.changed")
        await edit(space, alice, SpaceDraft("Coffee", topics=["Rivers", "Drinks"], language="id"))
        shown = (await host.next("space.changed"))["space"]
        assert (shown["title"], shown["topics"], shown["language"], shown["video"]) == (
            "Coffee",
            ["Drinks", "Rivers"],
            "id",
            False,
        )
        seat = (await host.next("seat.changed"))["seat"]
        assert not seat["camera"], "Video is switched off now."
        assert (await host.snapshot())["space"] == shown


async def test_it_shuts_out_visitors_from_then_on() -> None:
    """The rooms that were read a moment ago are remembered by `rev`, so this counts as a change."""
    alice, bob = await apeople("alice", "bob")
    space = await scheduled(alice, hours=2)
    async with in_room(space, bob) as waiting:
        before = (await waiting.snapshot())["rev"]
        draft = SpaceDraft("Tea", topics=["Food"], video_enabled=True, visitors_allowed=False)
        await edit(space, alice, draft)
        assert (await waiting.snapshot())["rev"] == before + 1
