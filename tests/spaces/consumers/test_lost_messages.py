"""Each kind of message that a room is told is lost once, at each place where it can be: within ten
seconds every page knows what a fresh snapshot shows, or that it is out.

`test_lost_changes` loses whole changes of a random room; here a message goes alone, and none of
PROTOCOL.md is left out.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.utils import timezone

from accounts.models import User
from accounts.realtime.wire import word_of
from config.limits import LIMITS
from media_relay.protocol import egress as egress_protocol
from media_relay.protocol.relay import (
    Assignment,
    Closed,
    Connected,
    PathHealth,
    PathQuality,
    RelayMessage,
    Speaker,
    encode_message,
    group_name,
)
from posts.models import Post
from spaces.consumers import hub_registry
from spaces.consumers import room as room_socket
from spaces.consumers.captions import RoomCaptions
from spaces.consumers.hub import RoomHub
from spaces.consumers.relay_events import RelayEvents
from spaces.consumers.room import RoomConsumer
from spaces.models import Seat, Space
from spaces.rooms import encoding, messages, service
from spaces.rooms.actor import SYSTEM
from spaces.rooms.commands import RoomCommand, Tick
from spaces.rooms.encoding import Change, ReactionsShared
from spaces.rooms.outside import Refresh
from spaces.rooms.state import Room
from spaces.services import presence_store
from tests.spaces.consumers.test_captions import Egress
from tests.spaces.rooms.fold import apply
from tests.spaces.rooms.table import recorded, stage
from tests.spaces.rooms.world import live_room
from tests.spaces.sockets import Json, RoomSocket, in_room
from tests.spaces.standin import StandIn, standing_in
from tests.spaces.stored import make_people, store_room
from tests.stack.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
aexecute = sync_to_async(service.execute)
VIEWERS: tuple[int | None, ...] = (1, 11, 21, 31, 32, None)
HEALED_S = 10
NOT_COMPARED = ("now_ms", "type", "ref")
SAID_AT_MS = 1_790_000_000_000

DOCUMENT = Path("spaces/PROTOCOL.md").read_text(encoding="utf-8")
TABLE = DOCUMENT.split("<!-- wire: client -->")[1].split("<!-- /wire -->")[0]
KINDS = re.findall(r"^\| `([a-z_.]+)` \|", TABLE, re.MULTILINE)
# Who does not get an answer asks again: `static/js/room/socket.js` says so after nine seconds.
ANSWERS = {
    word_of(each)
    for each in vars(messages).values()
    if isinstance(each, type)
    and issubclass(each, messages.Answer)
    and each is not messages.Answer
    and each is not messages.SnapshotMessage
}


# --- what is lost -------------------------------------------------------------------------------


class Loss:
    """Loses the first message of a kind that comes to its place while it is open."""

    def __init__(self, kind: str, viewer: int | None) -> None:
        self.kind = kind
        self.viewer = viewer
        self.is_open = False
        self.lost: list[object] = []

    def takes(self, kinds: set[str], message: object) -> bool:
        if not self.is_open or self.kind not in kinds:
            return False
        self.is_open = False
        self.lost.append(message)
        return True

    def kinds_in(self, change: Change) -> set[str]:
        texts = change.texts_for(self.viewer)
        return {kind for text in texts for kind in KINDS if f'"type":"{kind}"' in text}

    def at_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The web dies between the commit and the first word about it."""
        publish = service._publish

        def leaky(old: Room, new: Room, told: Any) -> None:  # Any: events.
            change = encoding.encode(new, told, is_stored=new.rev != old.rev)
            if not self.takes(self.kinds_in(change), change):
                publish(old, new, told)

        monkeypatch.setattr(service, "_publish", leaky)

    def at_redis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is published, and this process does not hear it."""
        of_room, of_egress = RoomHub.on_message, RoomCaptions.on_message
        of_relay, of_tab = RelayEvents._on_relay_event, RoomConsumer.room_replaced

        def room_message(hub: RoomHub, message: Any) -> None:  # Any: of the hub's group.
            # Any: each takes what it is found by.
            readers: dict[Any, Any] = {
                Change: lambda: self.kinds_in(message),
                ReactionsShared: lambda: {"reactions"},
                Speaker: lambda: {"speaker.changed"},
            }
            kinds = readers[type(message)]()
            if not self.takes(kinds, message):
                of_room(hub, message)

        def egress_message(captions: RoomCaptions, data: bytes) -> None:
            match egress_protocol.parse_message(data):
                case egress_protocol.Caption():
                    kind = "caption"
                case egress_protocol.CaptionStatus():
                    kind = "captions.status"
                case egress_protocol.RecordingStatus(state="failed"):
                    kind = "recording.failed"
                case _:
                    kind = "recording.resumed"
            if not self.takes({kind}, data):
                of_egress(captions, data)

        def relay_event(socket: RelayEvents, event: Any) -> None:  # Any: of the channel layer.
            if not self.takes({event["type"].replace("relay.", "media.")}, event):
                of_relay(socket, event)

        async def tab_replaced(socket: RoomConsumer, event: object) -> None:
            if not self.takes({"replaced"}, event):
                await of_tab(socket, event)

        monkeypatch.setattr(RoomHub, "on_message", room_message)
        monkeypatch.setattr(RoomCaptions, "on_message", egress_message)
        monkeypatch.setattr(RelayEvents, "_on_relay_event", relay_event)
        monkeypatch.setattr(RoomConsumer, "room_replaced", tab_replaced)

    def at_page(self, _: pytest.MonkeyPatch) -> None:
        """The socket sends it and the page does not get it: `Page.take`."""


# --- who looks on -------------------------------------------------------------------------------


class Page:
    """What a page does: fold what comes, count it, and ask anew if a `pong` says that it missed."""

    def __init__(self, socket: RoomSocket, user: int | None, loss: Loss) -> None:
        self.socket = socket
        self.user = user
        self.known: Json = socket.seen[-1]
        self.media: Json = {}
        self.lines: dict[int, tuple[str, bool]] = {}  # By the millisecond they began in.
        self.asked = 0
        self._loss = loss
        self._not_counted = 0
        self._seen = 0  # The last `pong`: who never says it is cut.

    def take(self, message: Json) -> None:
        loses = self._loss.viewer == self.user and "ref" not in message
        if loses and self._loss.takes({message["type"]}, message):
            self._not_counted -= 1
            return
        match message["type"]:
            case "space.snapshot":
                self.known = message
            case "media.connected":
                self.media = {"peer": message["peer"], "level": "good"}
            case "media.closed":
                self.media = {"closed": message["reason"]}
            case "media.health":
                self.media["level"] = message["level"]
            case "caption":
                self.lines[message["start_ms"]] = message["text"], message["final"]
            case "captions":
                for line in message["lines"]:
                    self.lines[line["start_ms"]] = line["text"], line["final"]
            case _ if message.get("rev", 0) <= self.known["rev"] + 1:
                apply(self.known, message)

    def take_all(self) -> None:
        for message in self.socket.take_backlog():
            self.take(message)

    async def beat(self) -> None:
        pong = await self.socket.ask("ping", seen=self._seen)
        self._seen = pong["n"]
        heard = self.socket.seen.index(pong) + self._not_counted
        self.take_all()
        missed = pong["sent"] - heard
        self._not_counted += missed
        if missed or pong["rev"] > self.known["rev"]:
            self.asked += 1
            self.take(await self.socket.snapshot())
            if self.lines:
                self.take(await self.socket.do("captions.set", on=True))
            self.take_all()

    async def is_right(self) -> bool:
        await self.beat()
        fresh = await self.socket.snapshot()
        return all(self.known[name] == fresh[name] for name in fresh if name not in NOT_COMPARED)


@dataclass
class World:
    """A room, and all who are in it or feed it."""

    space: Space
    people: dict[int, User]
    pages: dict[int | None, Page]
    relay: StandIn
    egress: Egress
    redis: redis.Redis
    stack: AsyncExitStack
    # What a relay or egress says once more by itself within ten seconds.
    again: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def do(self, actor: int, kind: str, **fields: Any) -> None:  # Any: fields of a message.
        await self.pages[actor].socket.do(kind, **fields)

    async def execute(self, command: RoomCommand) -> None:
        await aexecute(self.space.public_id, SYSTEM, command)

    async def relay_says(self, message: RelayMessage) -> None:
        """To the socket that connected last; a relay says it again (`redis.bus.STANDING`)."""
        await self.relay.tell(message)
        self.again.append(lambda: self.relay.tell(message))

    async def egress_says(self, message: egress_protocol.EgressMessage) -> None:
        async def say() -> None:
            await asyncio.to_thread(self.egress.say, message)

        await say()
        self.again.append(say)

    async def heal(self) -> None:
        """Let happen what happens by itself within ten seconds."""
        for say in self.again:
            await say()
        hubs = hub_registry.hubs()
        for _ in range(2):
            await hubs.look()
        rooms = list(hubs._hubs.values())
        await asyncio.gather(*(one._catching_up for one in rooms if one._catching_up))


# --- the cases ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """How a message comes about, who is told, and where it can be lost.

    `is_known` is what a page has to know beside the snapshot, `closes` are the codes by which it is
    out.
    """

    bring: Callable[[World], Awaitable[None]]
    viewer: int | None
    places: tuple[str, ...] = ("database", "redis", "page")
    room: Callable[[], Room] = stage
    prepare: Callable[[World], Awaitable[None]] | None = None
    is_known: Callable[[Page], bool] = lambda page: True
    closes: dict[int | None, int] = field(default_factory=dict)


def does(actor: int, kind: str, **fields: Any) -> Callable[[World], Awaitable[None]]:
    return lambda world: world.do(actor, kind, **fields)


async def loses_its_host(world: World) -> None:
    now = timezone.now()
    await Seat.objects.filter(space=world.space, user=1).aupdate(seen_at=now - timedelta(hours=1))
    here = {21: now, 22: now}
    await world.execute(Tick(here, now - timedelta(days=1)))


async def edits_a_pin(world: World) -> None:
    await Post.objects.filter(pk=5).aupdate(text="Said otherwise")
    await world.execute(Refresh(pins=True))


async def renames_the_host(world: World) -> None:
    await User.objects.filter(pk=1).aupdate(display_name="Ayu Lestari")
    await world.execute(Refresh(frozenset({1})))


async def opens_another_tab(world: World) -> None:
    await world.stack.enter_async_context(in_room(world.space, world.people[31], "other"))


async def loses_a_listener(world: World) -> None:
    key = presence_store.key(world.space.public_id)
    await asyncio.to_thread(world.redis.zrem, key, "34")


async def says_who_talks(world: World) -> None:
    async def say() -> None:
        assigned = Assignment(("21", None, None), None, None, "21")
        await get_channel_layer().group_send(
            group_name(world.space.public_id), encode_message(Speaker(assigned, personal=False))
        )

    await say()
    world.again.append(say)


async def connects(world: World) -> None:
    offer = await world.pages[21].socket.do("media.connect")
    await world.do(21, "media.answer", peer=offer["peer"], sdp="v=0")
    world.again.append(lambda: world.relay.tell(Connected(offer["peer"])))


async def is_connected(world: World) -> None:
    await connects(world)
    page = world.pages[21]

    async def is_told() -> bool:
        await page.beat()
        return "peer" in page.media

    await holds(is_told)


async def loses_its_connection(world: World) -> None:
    await world.relay_says(Closed(world.relay.opened[-1].peer, "drained"))


async def has_a_poor_line(world: World) -> None:
    peer = world.relay.opened[-1].peer
    await world.relay_says(PathHealth(peer, PathQuality.POOR, PathQuality.GOOD))


async def reads_along(world: World) -> None:
    """With the beginning of a line, of which the end is still to come."""
    page = world.pages[31]
    page.take(await page.socket.do("captions.set", on=True))
    await asyncio.to_thread(
        world.egress.line, 21, "The river", id="a", final=False, start_ms=SAID_AT_MS
    )
    page.take(await page.socket.next("caption"))


async def ends_a_line(world: World) -> None:
    line = egress_protocol.Caption("21", "a", "The river is wide", True, SAID_AT_MS)
    await world.egress_says(line)


def egress_tells(message: egress_protocol.EgressMessage) -> Callable[[World], Awaitable[None]]:
    return lambda world: world.egress_says(message)


RECORDS = egress_protocol.RecordingStatus("x", "recording")
FAILS = egress_protocol.RecordingStatus("x", "failed", "disk_full")


async def fails_to_record(world: World) -> None:
    await world.egress_says(FAILS)
    await world.pages[31].socket.next("recording.failed")
    world.again.clear()
    for page in world.pages.values():
        page.take(await page.socket.snapshot())


async def is_shown_again(world: World) -> None:
    """The room reads itself anew, because of a change that nobody was told of."""
    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(service, "_publish", lambda *_: None)
        await renames_the_host(world)
    await world.heal()


def with_one_in_charge() -> Room:
    return live_room(cohosts=0, speakers=2)


ENDED = dict.fromkeys(VIEWERS, 4410)
OVER_REDIS = ("redis", "page")
CASES: dict[str, Case] = {
    "space.changed": Case(does(1, "room.update", title="Coffee"), 31),
    "space.ended": Case(does(1, "space.end"), 31, closes=ENDED),
    "host.changed": Case(does(1, "host.hand_over", user=11), 31),
    "host.lost": Case(loses_its_host, 31, room=with_one_in_charge),
    "seat.changed": Case(does(21, "mic.set", on=True), 31),
    "seat.removed": Case(does(21, "seat.leave"), 31),
    "pin.added": Case(does(1, "pin.add", url="/posts/9/"), 31),
    "pin.removed": Case(does(1, "pin.remove", pin=7), 31),
    "pins.changed": Case(edits_a_pin, 31),
    "person.changed": Case(renames_the_host, 31),
    "request.added": Case(does(31, "speak.request"), 1),
    "request.removed": Case(does(1, "speak.decline", user=32), 11),
    "requests.changed": Case(does(1, "cohost.remove", user=11), 11),
    "me.changed": Case(does(31, "speak.request"), 31),
    "rev": Case(does(31, "speak.request"), 21),
    "invitation.received": Case(does(1, "invite.send", user=31, role="speaker"), 31),
    "host.offered": Case(does(1, "host.hand_over", user=21), 21),
    "unmute.asked": Case(
        does(1, "seat.ask_unmute", user=21),
        21,
        is_known=lambda page: page.user != 21 or page.known["me"]["unmute"]["by"]["id"] == 1,
    ),
    "consent.needed": Case(does(1, "recording.start"), 21),
    "removed": Case(does(1, "room.remove", user=31), 31, closes={31: 4403}),
    "replaced": Case(opens_another_tab, 31, OVER_REDIS, closes={31: 4408}),
    # Each process looks by itself who listens.
    "listeners.changed": Case(loses_a_listener, 31, ("page",)),
    # Shown once for five seconds and kept nowhere: nothing is out of date without them.
    "reactions": Case(does(1, "reaction.send", emoji="👏"), 31, OVER_REDIS),
    "speaker.changed": Case(says_who_talks, 31, OVER_REDIS),
    "media.connected": Case(
        connects,
        21,
        OVER_REDIS,
        is_known=lambda page: page.user != 21 or "peer" in page.media,
    ),
    "media.closed": Case(
        loses_its_connection,
        21,
        OVER_REDIS,
        prepare=is_connected,
        is_known=lambda page: page.user != 21 or page.media == {"closed": "drained"},
    ),
    "media.health": Case(
        has_a_poor_line,
        21,
        OVER_REDIS,
        prepare=is_connected,
        is_known=lambda page: page.user != 21 or page.media.get("level") == "poor",
    ),
    "caption": Case(
        ends_a_line,
        31,
        OVER_REDIS,
        prepare=reads_along,
        is_known=lambda page: (
            page.user != 31 or page.lines == {SAID_AT_MS: ("The river is wide", True)}
        ),
    ),
    "captions.status": Case(egress_tells(egress_protocol.CaptionStatus("ok")), 31, OVER_REDIS),
    "recording.failed": Case(
        egress_tells(FAILS),
        31,
        OVER_REDIS,
        room=recorded,
        is_known=lambda page: page.known["recording_trouble"] == "disk_full",
    ),
    "recording.resumed": Case(
        egress_tells(RECORDS),
        31,
        OVER_REDIS,
        room=recorded,
        prepare=fails_to_record,
        is_known=lambda page: page.known["recording_trouble"] == "",
    ),
    # Unasked: what reads the room anew does not come either.
    "space.snapshot": Case(is_shown_again, 31, ("page",)),
}


async def holds(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(HEALED_S):
        # Each look asks the server, which answers when it has done what came before.
        while not await condition():
            pass


@pytest.fixture(autouse=True)
def _time_is_ours(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Looks are made by `World.heal`, and nobody is cut for asking often."""
    monkeypatch.setattr(hub_registry, "LOOK_EVERY_S", 3600)
    monkeypatch.setattr(room_socket, "REPLACED_AGAIN_S", 0.2)
    often = replace(LIMITS, socket_messages_per_s=10_000, socket_snapshots_per_s=10_000)
    monkeypatch.setattr("accounts.realtime.socket.LIMITS", often)
    monkeypatch.setattr("spaces.consumers.room.LIMITS", replace(often, gone_after_s=3600))
    yield


def test_it_loses_every_kind_of_message_that_the_protocol_has() -> None:
    assert KINDS and set(KINDS) == set(CASES) | ANSWERS
    assert set(CASES) & ANSWERS == set()


PLACES = [(kind, place) for kind, case in CASES.items() for place in case.places]


@pytest.mark.parametrize(("kind", "place"), PLACES, ids=[f"{one}-{at}" for one, at in PLACES])
async def test_it_heals_from_one_message_that_is_lost(
    kind: str, place: str, monkeypatch: pytest.MonkeyPatch, own_redis: redis.Redis
) -> None:
    case = CASES[kind]
    loss = Loss(kind, case.viewer)
    getattr(loss, f"at_{place}")(monkeypatch)
    people = await sync_to_async(make_people)()
    space = await sync_to_async(store_room)(case.room())
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(standing_in())
        pages: dict[int | None, Page] = {}
        for user in VIEWERS:
            socket = await stack.enter_async_context(in_room(space, people.get(user or 0)))
            pages[user] = Page(socket, user, loss)
        egress = Egress(own_redis, space)
        world = World(space, people, pages, relay, egress, own_redis, stack)
        for page in pages.values():
            await page.beat()
        if case.prepare:
            await case.prepare(world)
        loss.is_open = True
        await case.bring(world)
        await _is_lost(loss, place, pages[case.viewer])
        await world.heal()
        for user, code in case.closes.items():
            assert await pages[user].socket.closed() == code
        for user, page in pages.items():
            if user in case.closes:
                continue

            async def is_healed(page: Page = page) -> bool:
                return await page.is_right() and case.is_known(page)

            await holds(is_healed)


async def _is_lost(loss: Loss, place: str, page: Page) -> None:
    if place != "page":
        await until(lambda: loss.lost, f"{loss.kind} is lost")
        return

    async def is_lost() -> bool:
        page.take_all()
        if not loss.lost:
            try:
                page.take(await page.socket.receive())
            except ConnectionError:
                pytest.fail(f"closed before {loss.kind}")
        return bool(loss.lost)

    await holds(is_lost)
