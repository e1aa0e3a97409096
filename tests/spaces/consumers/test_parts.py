"""The small parts of a socket: message rate, send queue, reactions, the order of changes."""

import asyncio
import json
from typing import Any

import pytest
from msgspec import structs

from accounts.realtime import login
from accounts.realtime.message_rate import MessageRate
from accounts.realtime.send_queue import UNREAD_MAX_BYTES, WAITING_MAX, SendQueue
from spaces.consumers import hub as hubs
from spaces.consumers import rate_limits, reactions
from spaces.consumers.hub import SnapshotMaker
from spaces.rooms.encoding import Change
from spaces.rooms.state import Room
from tests.stack.waiting import until

# --- message rate -----------------------------------------------------------------------------------------


def test_it_lets_twenty_a_second_through() -> None:
    rate = MessageRate(20, now=0.0)
    assert [rate.allows(0.0) for _ in range(21)] == [True] * 20 + [False]
    assert rate.is_first_over and not rate.is_hopeless
    assert rate.allows(0.05) and not rate.allows(0.05)


def test_it_gives_up_on_a_flood() -> None:
    rate = MessageRate(20, now=0.0, patience=50)
    for _ in range(70):
        rate.allows(0.0)
    assert rate.is_hopeless


# --- send queue ---------------------------------------------------------------------------------------


class Reader:
    """A socket that can be stopped from taking anything."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.closed: int | None = None
        self.is_cut = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, text: str) -> None:
        await self.gate.wait()
        self.got.append(text)

    async def close(self, code: int) -> None:
        self.closed = code

    def cut(self) -> None:
        self.is_cut = True


async def test_it_sends_in_order_and_closes_last() -> None:
    reader = Reader()
    send_queue = SendQueue(reader.send, reader.close, reader.cut)
    for text in "abc":
        send_queue.put(text)
    send_queue.close(4410)
    send_queue.close(1000)
    send_queue.put("late")
    await send_queue.run()
    assert (reader.got, reader.closed) == (["a", "b", "c"], 4410)


async def test_it_cuts_a_reader_whose_queue_runs_over() -> None:
    reader = Reader()
    send_queue = SendQueue(reader.send, reader.close, reader.cut)
    for _ in range(WAITING_MAX + 1):
        send_queue.put("x")
    assert reader.is_cut


async def test_it_cuts_a_reader_that_says_it_is_far_behind() -> None:
    reader = Reader()
    send_queue = SendQueue(reader.send, reader.close, reader.cut)
    task = asyncio.create_task(send_queue.run())
    send_queue.on_seen(send_queue.next_pong())
    chunk = "x" * 65536
    for _ in range(UNREAD_MAX_BYTES // len(chunk) + 2):
        send_queue.put(chunk)
        await until(lambda: reader.is_cut or len(reader.got) > 0, "it is sent")
    assert reader.is_cut
    task.cancel()


async def test_it_cuts_a_reader_that_pings_and_never_says_what_it_saw() -> None:
    reader = Reader()
    send_queue = SendQueue(reader.send, reader.close, reader.cut)
    task = asyncio.create_task(send_queue.run())
    for count in range(UNREAD_MAX_BYTES // 65536 + 2):
        send_queue.put("x" * 65536)
        await until(lambda count=count: reader.is_cut or len(reader.got) > count, "it is sent")  # type: ignore[misc]  # The loop's own.
        send_queue.next_pong()
    assert reader.is_cut
    task.cancel()


async def test_it_forgives_a_reader_that_catches_up() -> None:
    reader = Reader()
    send_queue = SendQueue(reader.send, reader.close, reader.cut)
    task = asyncio.create_task(send_queue.run())
    for count in range(40):
        send_queue.put("x" * 65536)
        await until(lambda count=count: len(reader.got) > count, "it is sent")  # type: ignore[misc]  # The loop's own.
        send_queue.on_seen(send_queue.next_pong())
    assert not reader.is_cut and send_queue.unread_bytes == 0
    task.cancel()


# --- reactions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listeners", "every_s"), [(3, 0.05), (100, 0.05), (101, 0.25), (1000, 0.25), (1001, 1.0)]
)
def test_it_gathers_longer_in_bigger_rooms(listeners: int, every_s: float) -> None:
    assert reactions.interval_s(listeners) == every_s


def test_it_adds_up_and_stays_small() -> None:
    batch = reactions.ReactionBatch()
    for _ in range(2):
        batch.add(1, "👏")
    for user in range(2, 1000):
        batch.add(user, "😂")
    items = batch.take()
    assert items[0] == (1, "👏", 2)
    assert len(items) == reactions.NAMED_MAX + 1 and items[-1] == (
        None,
        "😂",
        998 - (reactions.NAMED_MAX - 1),
    )
    assert not batch


def test_it_limits_reactions_a_second_and_a_minute() -> None:
    limit = reactions.ReactionLimit()
    assert [limit.allows(1, now) for now in (100.0, 100.9, 101.0)] == [True, False, True]
    assert limit.allows(2, 101.0)
    a_minute = [limit.allows(1, 102.0 + second) for second in range(60)]
    # Those of 100 and 101 count until 160 and 161.
    assert a_minute == [True] * 18 + [False] * 40 + [True] * 2
    assert limit.allows(2, 300.0)


# Any: pytest-django's settings.
async def test_it_limits_nobody_while_redis_is_away(settings: Any) -> None:
    settings.REDIS_URL = "unix:///nowhere/s"
    assert [await rate_limits.allows("request", "s", "1") for _ in range(20)] == [True] * 20


# --- the hub --------------------------------------------------------------------------------------


class Socket:
    """A member that notes what it is handed."""

    def __init__(self, user: int | None) -> None:
        self.user = user
        self.login = login.Login(user)
        self.reads_captions = False
        self.texts: list[dict[str, Any]] = []  # Any: messages.

    def push_text(self, text: str) -> None:
        self.texts.append(json.loads(text))

    def on_change(self, change: Change, texts: list[str]) -> None:
        self.texts += [json.loads(text) for text in texts]

    def show_again(self, room: Room, snapshot_for: SnapshotMaker) -> None: ...

    def on_second(self, now: float) -> None: ...

    def on_logged_out(self) -> None: ...

    def on_factor_gone(self) -> None: ...


def change(rev: int, **parts: Any) -> Change:  # Any: fields of a change.
    nothing = Change(
        space="s",
        rev=rev,
        everyone=[],
        hosts=[],
        one={},
        hidden={},
        stage={"1": "host"},
        phase="live",
        removed=[],
        is_over=False,
        is_stored=True,
    )
    return structs.replace(nothing, **parts)


def revs(socket: Socket) -> list[int]:
    return [text["rev"] for text in socket.texts]


async def test_it_hands_out_changes_in_order() -> None:
    hub, socket = hubs.RoomHub("s"), Socket(2)
    hub.sockets.add(socket)
    for rev in (1, 3, 4, 2, 5):
        hub.on_message(change(rev))
    assert revs(socket) == [1, 2, 3, 4, 5]


async def test_it_goes_on_without_a_change_that_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "REORDER_S", 0.05)
    hub, socket = hubs.RoomHub("s"), Socket(2)
    hub.sockets.add(socket)
    for rev in (1, 3, 4):
        hub.on_message(change(rev))
    assert revs(socket) == [1]
    await until(lambda: revs(socket) == [1, 3, 4], "the later ones come without it")


async def test_it_gives_everybody_their_part_and_the_bare_rev_to_the_rest() -> None:
    hub = hubs.RoomHub("s")
    host, guest, other, visitor = (Socket(user) for user in (1, 2, 3, None))
    hub.sockets.update({host, guest, other, visitor})
    secret, mine, pin = (
        json.dumps({"type": kind, "rev": 2})
        for kind in ("request.added", "me.changed", "pin.added")
    )
    hub.on_message(change(2, hosts=[secret], one={"2": [mine]}))
    kinds = [[text["type"] for text in socket.texts] for socket in (host, guest, other, visitor)]
    assert kinds == [["request.added"], ["me.changed"], ["rev"], ["rev"]]
    hub.on_message(change(3, everyone=[pin], hidden={"0": [3]}))
    assert [socket.texts[-1]["type"] for socket in (host, guest, other)] == [
        "pin.added",
        "pin.added",
        "rev",
    ]
