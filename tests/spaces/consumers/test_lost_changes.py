"""Each change of a random room is lost once, at each place where it can be: what every viewer has
pieced together ten seconds later is what a fresh snapshot shows.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from config.limits import LIMITS
from spaces.consumers import hub, hub_registry
from spaces.consumers.display import RoomDisplay
from spaces.consumers.hub import RoomHub
from spaces.models import Seat, Space
from spaces.rooms import service
from spaces.rooms.actor import SYSTEM, Actor
from spaces.rooms.commands import EndSpace, Remove, Tick
from spaces.rooms.encoding import Change
from spaces.rooms.outside import Refresh
from tests.spaces.consumers.test_random_room import NOT_OF_THE_ROOM, VIEWERS, pick
from tests.spaces.rooms.fold import apply
from tests.spaces.rooms.table import stage
from tests.spaces.sockets import Json, RoomSocket, in_room
from tests.spaces.stored import make_people, store_room
from tests.stack.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

CHANGES = 20  # Of each place; each is a loss and ten seconds for seven viewers.
HEALED_S = 10  # What RULES leave to a lost change.
PAGE_ASKS_S = 2.5  # static/js/room/room.js, at the latest after the `pong`.
Lose = Callable[..., Any]  # Any: whatever the place returns.


class Leak:
    """One place on the way of a change: while it is open, what comes there is lost."""

    def __init__(self) -> None:
        self.is_open = False
        self.lost: list[int] = []

    def at_publish(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The web dies between the commit and the first word about it."""
        publish = service._publish

        def leaky(old: Any, new: Any, told: Any) -> None:
            if self.is_open and new.rev != old.rev:
                self.lost.append(new.rev)
                return
            publish(old, new, told)

        monkeypatch.setattr(service, "_publish", leaky)

    def at_redis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Redis has it and the hub never hears it."""
        on_message = RoomHub.on_message

        def leaky(room: RoomHub, message: Any) -> None:
            if self.is_open and isinstance(message, Change) and message.is_stored:
                self.lost.append(message.rev)
                return
            on_message(room, message)

        monkeypatch.setattr(RoomHub, "on_message", leaky)

    def at_sockets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The hub hands it out and no socket takes it."""
        on_change = RoomDisplay.on_change

        def leaky(socket: RoomDisplay, change: Change, texts: list[str]) -> None:
            if self.is_open and change.is_stored:
                self.lost.append(change.rev)
                return
            on_change(socket, change, texts)

        monkeypatch.setattr(RoomDisplay, "on_change", leaky)

    def at_pages(self, _: pytest.MonkeyPatch) -> None:
        """The socket sends it and the page does not take it in: `Page.take`."""


class Page:
    """What a page does: fold what comes, ping, and ask anew if the `pong` says that it missed."""

    def __init__(self, socket: RoomSocket, leak: Leak, *, is_leaky: bool) -> None:
        self.socket = socket
        self.known: Json = socket.seen[-1]
        self.asked = 0
        self._leak = leak
        self._is_leaky = is_leaky

    def take(self, message: Json) -> None:
        if self._is_leaky and self._leak.is_open and "rev" in message and "now_ms" not in message:
            self._leak.lost.append(message["rev"])
            return
        if message["type"] == "space.snapshot":
            self.known = message
        # As `inOrder` of static/js/room/state.js: nothing beyond a gap is applied.
        elif "rev" not in message or message["rev"] <= self.known["rev"] + 1:
            apply(self.known, message)

    async def beat(self) -> None:
        """Ping and take in what came before the answer."""
        pong = await self.socket.ask("ping")
        for message in self.socket.take_backlog():
            self.take(message)
        if pong["rev"] > self.known["rev"]:
            self.asked += 1
            self.known = await self.socket.snapshot()
            for message in self.socket.take_backlog():
                self.take(message)

    async def is_right(self, rev: int) -> bool:
        fresh = await self.socket.snapshot()
        assert fresh["rev"] == rev
        names = [name for name in fresh if name not in NOT_OF_THE_ROOM]
        return all(self.known[name] == fresh[name] for name in names)


@pytest.fixture(autouse=True)
def _time_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks are made by `ten_seconds`, and nobody is cut for asking often."""
    monkeypatch.setattr(hub_registry, "LOOK_EVERY_S", 3600)
    often = replace(LIMITS, socket_messages_per_s=10_000, socket_snapshots_per_s=10_000)
    monkeypatch.setattr("accounts.realtime.socket.LIMITS", often)
    monkeypatch.setattr("spaces.consumers.room.LIMITS", replace(often, gone_after_s=3600))


LOOKS_S = 2 * hub_registry.LOOK_EVERY_S


async def looked_twice() -> None:
    """What a web process does by itself within `LOOKS_S`."""
    hubs = hub_registry.hubs()
    for _ in range(2):
        await hubs.look()
    rooms = list(hubs._hubs.values())
    await asyncio.gather(*(one._catching_up for one in rooms if one._catching_up))


def test_it_is_done_within_ten_seconds() -> None:
    # The last moment of each part: two looks, a ping that has just gone before, the page's wait.
    assert LOOKS_S + LIMITS.ping_s < HEALED_S
    assert LIMITS.ping_s + PAGE_ASKS_S < HEALED_S


@pytest.mark.parametrize("place", ["publish", "redis", "sockets", "pages"])
async def test_it_heals_from_each_change_of_a_random_room_that_is_lost(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak = Leak()
    getattr(leak, f"at_{place}")(monkeypatch)
    choice = random.Random(f"lost at {place}")
    people = await sync_to_async(make_people)()
    space = await sync_to_async(store_room)(stage())
    async with AsyncExitStack() as stack:
        pages: dict[int | None, Page] = {}
        for user in VIEWERS:
            socket = await stack.enter_async_context(in_room(space, people.get(user or 0)))
            pages[user] = Page(socket, leak, is_leaky=place == "pages")
        for page in pages.values():
            await page.beat()
        rev, changes = (await Space.objects.aget(pk=space.pk)).rev, 0
        kinds: set[str] = set()
        while changes < CHANGES:
            actor, kind, fields = pick(choice)
            leak.is_open = True
            await pages[actor].socket.ask(kind, **fields)
            stored = (await Space.objects.aget(pk=space.pk)).rev
            if stored == rev:
                leak.is_open = False
                continue
            rev, changes = stored, changes + 1
            kinds.add(kind)
            if place == "pages":
                for page in pages.values():
                    await page.socket.ask("ping")
                    for message in page.socket.take_backlog():
                        page.take(message)
            await until(lambda rev=rev: rev in leak.lost, f"change {rev} is lost")  # type: ignore[misc]  # The loop's own.
            leak.is_open = False
            await looked_twice()
            for user, page in pages.items():
                await page.beat()
                assert await page.is_right(rev), (user, kind, fields)
        assert len(kinds) > 5, "Enough of it was allowed."
        asked = sum(page.asked for page in pages.values())
        # What did not reach a process is read once there, not by each of its pages.
        assert asked == (0 if place in ("publish", "redis") else changes * len(pages))


async def two_in_room(stack: AsyncExitStack) -> tuple[Space, dict[int, User], Page, Page]:
    people = await sync_to_async(make_people)()
    space = await sync_to_async(store_room)(stage())
    pages = [
        Page(
            await stack.enter_async_context(in_room(space, people.get(user))),
            Leak(),
            is_leaky=False,
        )
        for user in (1, 31)
    ]
    return space, people, pages[0], pages[1]


async def execute_untold(
    monkeypatch: pytest.MonkeyPatch, space: Space, actor: Actor, command: Any
) -> None:
    """Do it in a web that dies before it says so."""
    with monkeypatch.context() as dying:
        dying.setattr(service, "_publish", lambda *_: None)
        await sync_to_async(service.execute)(space.public_id, actor, command)


async def test_it_turns_away_who_was_removed_untold(monkeypatch: pytest.MonkeyPatch) -> None:
    async with AsyncExitStack() as stack:
        space, _, host, listener = await two_in_room(stack)
        await execute_untold(monkeypatch, space, Actor(1), Remove(31))
        await looked_twice()
        await listener.socket.next("removed")
        assert await listener.socket.closed() == 4403
        await host.beat()
        assert host.known["rev"] == (await Space.objects.aget(pk=space.pk)).rev


async def test_it_ends_for_all_what_was_ended_untold(monkeypatch: pytest.MonkeyPatch) -> None:
    async with AsyncExitStack() as stack:
        space, _, host, listener = await two_in_room(stack)
        await execute_untold(monkeypatch, space, Actor(1), EndSpace())
        await looked_twice()
        for page in (host, listener):
            ended = await page.socket.next("space.ended")
            assert ended["reason"] == "host" and ended["by"]["id"] == 1
            assert await page.socket.closed() == 4410


async def test_it_shows_a_host_who_is_back_untold(monkeypatch: pytest.MonkeyPatch) -> None:
    async with AsyncExitStack() as stack:
        space, _, host, listener = await two_in_room(stack)
        now = timezone.now()
        # No co-host: "the host lost the connection".
        await Seat.objects.filter(space=space).exclude(user=1).adelete()
        await Space.objects.filter(pk=space.pk).aupdate(
            host_lost_until=now + timedelta(minutes=2), rev=F("rev") + 1
        )
        await Seat.objects.filter(space=space, user=1).aupdate(presence="lost", lost_at=now)
        await looked_twice()
        for page in (host, listener):
            await page.beat()
        assert listener.known["space"]["host_lost_until"]
        tick = Tick({1: timezone.now()}, now - timedelta(days=1))
        await execute_untold(monkeypatch, space, SYSTEM, tick)
        await looked_twice()
        await listener.beat()
        assert listener.known["space"]["host_lost_until"] is None and listener.asked == 0


async def test_it_shows_a_new_name_that_was_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with AsyncExitStack() as stack:
        space, _, _, listener = await two_in_room(stack)
        await User.objects.filter(pk=1).aupdate(display_name="Ayu Lestari")
        await execute_untold(monkeypatch, space, SYSTEM, Refresh(frozenset({1})))
        rev = (await Space.objects.aget(pk=space.pk)).rev
        if rev == listener.known["rev"]:
            pytest.fail("A new name is a change of the room.")
        await looked_twice()
        await listener.beat()
        assert listener.known["space"]["host"]["name"] == "Ayu Lestari"


async def test_it_heals_by_the_refresh_of_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "REORDER_S", 0.05)
    async with AsyncExitStack() as stack:
        space, _, _, listener = await two_in_room(stack)
        await execute_untold(monkeypatch, space, Actor(1), Remove(32))
        await sync_to_async(service.refresh_policy)(space.public_id)
        fresh = await listener.socket.next("space.snapshot")
        assert fresh["rev"] == (await Space.objects.aget(pk=space.pk)).rev


async def test_it_heals_by_the_change_after_the_lost_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "REORDER_S", 0.05)
    async with AsyncExitStack() as stack:
        space, _, host, listener = await two_in_room(stack)
        await execute_untold(monkeypatch, space, Actor(1), Remove(32))
        await host.socket.do("room.update", title="After it")
        fresh = await listener.socket.next("space.snapshot")
        assert fresh["space"]["title"] == "After it"
        assert fresh["rev"] == listener.known["rev"] + 2


async def test_it_shows_nothing_again_when_nothing_was_lost() -> None:
    async with AsyncExitStack() as stack:
        space, _, host, listener = await two_in_room(stack)
        await host.socket.do("room.update", title="Heard")
        listener.take(await listener.socket.next("space.changed"))
        for _ in range(3):
            await looked_twice()
            await sync_to_async(service.refresh_policy)(space.public_id)
        await listener.beat()
        await host.beat()
        for page in (host, listener):
            kinds = [message["type"] for message in page.socket.seen]
            assert kinds.count("space.snapshot") == 1, page.socket.seen
