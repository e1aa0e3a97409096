"""A Space on several relays (DESIGN §4.8): its home publishes the slots, others fan them out.

On the channel `relay:slots:<space>`, from the home to all that subscribe (other relays, captions,
the recorder):

    P  { slot u8, length u16, RTP packet } …        finished packets, with the home's SSRCs
    S  { slot u8, length u16, sender report } …     once a second, on the home's clock
    A  JSON of `Assignment`                         at every change and after a hello

On `relay:feedback:<space>`, back to the home:

    H                   hello: one more subscriber, publish from now on
    K  slot u8          a key frame is wanted in this slot

Nothing is published while nobody subscribes. Numbers are big-endian. Redis keeps the order and
loses nothing while it runs, so NACKs end at the relay that the listener is connected to.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from struct import Struct
from typing import Protocol, cast

import redis.asyncio
from redis.exceptions import RedisError

from media_relay.errors import ProtocolError
from media_relay.metrics import Drop, Metrics
from media_relay.protocol.encoding import encode
from media_relay.protocol.relay import (
    HEARTBEAT_S,
    ROOM_TTL_S,
    Assignment,
    feedback_channel,
    home_key,
    parse_assignment,
    slots_channel,
)
from media_relay.redis.fire_and_forget import PublishConnection

PACKETS, REPORTS, ASSIGNED, HELLO, KEY_FRAME = b"P", b"S", b"A", b"H", b"K"
BACKLOG = 2000  # Messages on their way to Redis; at one per wake-up that is seconds.
RETRY_S = 0.2
POLL_S = 1.0
LOST = (RedisError, OSError)

_ENTRY = Struct("!BH")
log = logging.getLogger(__name__)


class Home(Protocol):
    """A room of which this relay is the home, as the cascade sees it."""

    space: str

    def set_feed(self, feed: "SlotFeed | None") -> None: ...

    def on_hello(self) -> None: ...

    def on_key_frame_wanted(self, slot: int) -> None: ...


class Edge(Protocol):
    """A room whose home is another relay."""

    space: str

    def on_home_packet(self, slot: int, packet: bytes) -> None: ...

    def on_home_report(self, slot: int, report: bytes) -> None: ...

    def on_home_assignment(self, assigned: Assignment) -> None: ...


class SlotFeed:
    """Collects what a home says about one Space and sends it once per turn of the event loop."""

    def __init__(self, space: str, put: Callable[[str, bytes], None]) -> None:
        self._channel = slots_channel(space)
        self._put = put
        self._packets = bytearray()

    def packet(self, slot: int, packet: bytes) -> None:
        if not self._packets:
            self._packets += PACKETS
            asyncio.get_running_loop().call_soon(self._flush)
        self._packets += _ENTRY.pack(slot, len(packet)) + packet

    def reports(self, reports: dict[int, bytes]) -> None:
        self._flush()
        entries = (_ENTRY.pack(slot, len(report)) + report for slot, report in reports.items())
        self._put(self._channel, REPORTS + b"".join(entries))

    def assigned(self, assigned: Assignment) -> None:
        self._flush()
        self._put(self._channel, ASSIGNED + encode(assigned))

    def _flush(self) -> None:
        if self._packets:
            packets = self._packets
            self._packets = bytearray()
            self._put(self._channel, bytes(packets))


class Cascade:
    """Finds out whether this relay is a Space's home, and moves packets between relays."""

    def __init__(self, link: redis.asyncio.Redis, relay: str, metrics: Metrics) -> None:
        self._redis = link
        self._relay = relay
        self._metrics = metrics
        self._publish_connection = PublishConnection(link)
        self._pubsub = link.pubsub(ignore_subscribe_messages=True)
        self._homes: dict[str, Home] = {}
        self._edges: dict[str, Edge] = {}
        self._subscribed: set[str] = set()
        self._out: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(BACKLOG)
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_open = True

    def start(self, on_home_moved: Callable[[str], None]) -> None:
        """`on_home_moved` is called with each Space whose room here has the wrong role."""
        self._tasks = [
            asyncio.create_task(self._watch_forever(on_home_moved), name="cascade watch"),
            asyncio.create_task(self._read_forever(), name="cascade reader"),
            asyncio.create_task(self._write_forever(), name="cascade writer"),
        ]

    async def stop(self) -> None:
        # redis-py loses a cancellation now and then; then the loops end by this.
        self._is_open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._publish_connection.close()
        with suppress(*LOST):
            await self._pubsub.aclose()  # type: ignore[no-untyped-call]  # Theirs is untyped.

    async def is_home(self, space: str) -> bool:
        """Return whether the Space's stage connects here.

        Also if nobody has said so, or Redis cannot tell.
        """
        try:
            home = await self._redis.get(home_key(space))
        except LOST:
            return True
        return self._is_us(home)

    def _is_us(self, home: bytes | str | None) -> bool:
        return home is None or home == self._relay.encode()

    def add_home(self, room: Home) -> None:
        self._homes[room.space] = room
        self._changed.set()

    def add_edge(self, room: Edge) -> None:
        self._edges[room.space] = room
        self._changed.set()

    def discard(self, space: str) -> None:
        self._homes.pop(space, None)
        self._edges.pop(space, None)
        self._changed.set()

    def ask_key_frame(self, space: str, slot: int) -> None:
        self._put(feedback_channel(space), KEY_FRAME + bytes((slot,)))

    # --- roles

    async def _watch_forever(self, on_home_moved: Callable[[str], None]) -> None:
        while self._is_open:
            with suppress(TimeoutError):
                # wait_for loses a cancellation that meets the event.
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._changed.wait()
            self._changed.clear()
            if self._out.full():
                # Redis takes nothing, and no answer would ever say so; begin anew.
                await self._publish_connection.close()
            try:
                await self._settle_roles(on_home_moved)
            except LOST as error:
                log.warning("Redis is away (%s); rooms keep their roles.", error)
                await asyncio.sleep(RETRY_S)

    async def _settle_roles(self, on_home_moved: Callable[[str], None]) -> None:
        """Give up rooms in the wrong role; then subscribe and publish as the others need it."""
        # Homes that have moved: to us, or away from us.
        if spaces := [*self._homes, *self._edges]:
            homes = await self._redis.mget([home_key(space) for space in spaces])
            for space, home in zip(spaces, homes, strict=True):
                if home is None:
                    await self._say_home(space)
                    continue
                wrong = self._edges if self._is_us(home) else self._homes
                if space in wrong:
                    on_home_moved(space)

        # Subscribe to the slots of edges and the feedback of homes, and to nothing else.
        feedback = {feedback_channel(space) for space in self._homes}
        wanted = feedback | {slots_channel(space) for space in self._edges}
        gone = self._subscribed - wanted
        fresh = wanted - self._subscribed
        self._subscribed = wanted
        if gone:
            await self._pubsub.unsubscribe(*gone)
        if fresh:
            await self._pubsub.subscribe(*fresh)
        for space in self._edges:
            if slots_channel(space) in fresh:
                self._put(feedback_channel(space), HELLO)

        # Publish while there are subscribers. New ones say hello; that they have gone shows here.
        if rooms := list(self._homes.values()):
            answer = await self._redis.pubsub_numsub(*(slots_channel(room.space) for room in rooms))
            counts = cast("list[tuple[bytes, int]]", answer)
            for room, (_, subscribers) in zip(rooms, counts, strict=True):
                room.set_feed(SlotFeed(room.space, self._put) if subscribers else None)

    async def _say_home(self, space: str) -> None:
        """A Redis that died has forgotten where the Space is. The web tells its policies, again and
        again, to a home that it knows of; unless it does, nobody may send any more after a lease.
        """
        if space in self._homes:
            await self._redis.set(home_key(space), self._relay, nx=True, ex=ROOM_TTL_S)

    # --- traffic

    async def _read_forever(self) -> None:
        while self._is_open:
            if not self._pubsub.subscribed:
                await asyncio.sleep(RETRY_S)
                continue
            try:
                message = await self._pubsub.get_message(timeout=POLL_S)
            except LOST as error:
                log.warning("Redis is away (%s); other relays hear nothing of us.", error)
                await asyncio.sleep(RETRY_S)
                continue
            if message is None:
                continue
            space = message["channel"].decode().rpartition(":")[2]
            try:
                self._on_message(space, message["data"])
            except (ProtocolError, ValueError, IndexError):
                # Another relay's mistake, or not a relay at all.
                self._metrics.drop(Drop.BAD_REQUEST)

    def _on_message(self, space: str, data: bytes) -> None:
        """Take a message of the home if the Space is an edge here, of an edge if it is at home."""
        kind = data[:1]
        if edge := self._edges.get(space):
            if kind == ASSIGNED:
                edge.on_home_assignment(parse_assignment(data[1:]))
                return
            for slot, content in entries(data):
                if kind == PACKETS:
                    edge.on_home_packet(slot, content)
                elif kind == REPORTS:
                    edge.on_home_report(slot, content)
        elif home := self._homes.get(space):
            if kind == KEY_FRAME:
                home.on_key_frame_wanted(data[1])
            elif kind == HELLO:
                home.set_feed(SlotFeed(space, self._put))
                home.on_hello()

    async def _write_forever(self) -> None:
        while self._is_open:
            channel, data = await self._out.get()
            try:
                await self._publish_connection.publish(channel, data)
            except LOST:
                # Old packets are of no use when Redis is back.
                self._metrics.drop(Drop.BUS_BACKLOG)

    def _put(self, channel: str, data: bytes) -> None:
        """Write it at once if nothing waits before it, else after that."""
        if self._out.empty() and self._publish_connection.send(channel, data):
            return
        try:
            self._out.put_nowait((channel, data))
        except asyncio.QueueFull:
            self._metrics.drop(Drop.BUS_BACKLOG)


def entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield slot and content of each entry of a P or S message.

    Raises ValueError if it is cut short.
    """
    position = 1
    while position < len(data):
        if position + _ENTRY.size > len(data):
            raise ValueError("cascade entry is truncated")
        slot, length = _ENTRY.unpack_from(data, position)
        position += _ENTRY.size
        if position + length > len(data):
            raise ValueError("cascade packet is truncated")
        yield slot, data[position : position + length]
        position += length
