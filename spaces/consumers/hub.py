"""One room in one web process: hears the room's group once and hands each socket its part.

Events come encoded (`rooms.wire.Change`); a thousand sockets cost a thousand queue entries, not a
thousand encodings.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

import redis
from channels.layers import get_channel_layer
from django.db import DatabaseError
from msgspec import convert

from accounts.realtime.session_watch import WatchedSocket
from accounts.realtime.threads import in_thread
from accounts.realtime.wire import ServerMessage, encode
from config.http.server_time import now_ms
from media_relay.protocol.relay import Speaker, group_name
from spaces.consumers import presence
from spaces.consumers.captions import RoomCaptions
from spaces.consumers.listeners import Listeners
from spaces.consumers.reactions import ReactionBatch, ReactionLimit, interval_s
from spaces.rooms import service, snapshot
from spaces.rooms.actor import Actor
from spaces.rooms.encoding import Change, ReactionsShared
from spaces.rooms.errors import RoomError
from spaces.rooms.messages import ReactionsMessage, SnapshotMessage, SpeakerChangedMessage
from spaces.rooms.service import reactions_group, show_reactions
from spaces.rooms.state import Room

# Two processes may publish in another order than they committed; a lost message is not waited for
# longer.
REORDER_S = 0.3
CATCH_UP_TRIES = 5  # A busy room goes on while it is read; then pages ask by themselves.
SHOWN_AT_ONCE = 50  # A snapshot takes a socket 0.2 ms; pings wait no longer than for these.
SECOND_S = 1.0
log = logging.getLogger(__name__)

SnapshotMaker = Callable[[Actor], SnapshotMessage]
GroupMessage = Change | ReactionsShared | Speaker


class HubSocket(WatchedSocket, Protocol):
    """What a hub needs of a room socket."""

    user: int | None
    reads_captions: bool

    def push_text(self, text: str) -> None: ...

    def on_change(self, change: Change, texts: list[str]) -> None: ...

    def show_again(self, room: Room, snapshot_for: SnapshotMaker) -> None: ...

    def on_second(self, now: float) -> None: ...


class RoomHub:
    """Lives as long as it has sockets.

    All of it runs in one event loop, so nothing here needs a lock.
    """

    def __init__(self, space: str) -> None:
        self.space = space
        self.sockets: set[HubSocket] = set()
        self.listeners = Listeners(space)
        self.assigned = snapshot.NOBODY
        self.stage: list[int] = []
        self.captions = RoomCaptions(space, self.tell_all, self.tell_readers, lambda: self.stage)
        self.rev = 0  # The newest that sockets were told.
        self._stage_rev = 0
        self._looked_rev = 0  # As the database was at the last look.
        self._held: list[Change] = []
        self._catching_up: asyncio.Task[None] | None = None
        self._limit = ReactionLimit()
        self._said: ReactionBatch = ReactionBatch()
        self._shown: ReactionBatch = ReactionBatch()
        self._tasks: list[asyncio.Task[None]] = []
        self._flush: asyncio.TimerHandle | None = None
        self._alive: set[str] = set()
        self._started: asyncio.Future[None] | None = None

    @property
    def moment(self) -> snapshot.RoomMoment:
        return snapshot.RoomMoment(
            now_ms(),
            self.listeners.count,
            self.listeners.sample,
            self.assigned,
            self.captions.state,
            self.captions.recording.trouble,
        )

    # --- life -------------------------------------------------------------------------------------

    async def add(self, socket: HubSocket) -> None:
        """Take a socket in; when this returns no later change can pass it by."""
        self.sockets.add(socket)
        if self._started is not None:
            # The first socket is still starting the hub. Shielded: one that gives up waiting must
            # not cancel it for the others.
            await asyncio.shield(self._started)
            return
        loop = asyncio.get_running_loop()
        started = self._started = loop.create_future()
        layer = get_channel_layer()
        try:
            channel = await layer.new_channel()
            await layer.group_add(group_name(self.space), channel)
            await layer.group_add(reactions_group(self.space), channel)
            await self.captions.start()
        except BaseException as error:
            started.set_exception(error)
            started.exception()  # Other waiters raise it too; with none it is not lost.
            self._started = None  # The next socket tries again.
            raise
        self._tasks = [
            loop.create_task(self._listen(channel), name=f"hub.listen {self.space}"),
            loop.create_task(self._every_second(), name=f"hub.second {self.space}"),
            loop.create_task(self._publish_reactions(), name=f"hub.reactions {self.space}"),
        ]
        started.set_result(None)

    def discard(self, socket: HubSocket) -> None:
        self.sockets.discard(socket)

    async def stop(self) -> None:
        """End the tasks and wait for them."""
        if self._flush:
            self._flush.cancel()
        tasks = [*self._tasks, *([self._catching_up] if self._catching_up else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.captions.stop()

    # --- changes ----------------------------------------------------------------------------------

    async def _listen(self, channel: str) -> None:
        layer = get_channel_layer()
        try:
            while True:
                received = await layer.receive(channel)
                try:
                    self.on_message(convert(received, GroupMessage))
                except Exception:
                    # The room goes on; a change that was lost is found by `on_stored`.
                    log.exception("A message to room %s could not be handed out", self.space)
        finally:
            await layer.group_discard(group_name(self.space), channel)
            await layer.group_discard(reactions_group(self.space), channel)

    def on_message(self, message: GroupMessage) -> None:
        match message:
            case Change(rev=rev):
                # In the order of `rev`; a hub that has seen nothing yet has nothing to wait for.
                if self.rev and not self._is_due(message):
                    self._held.append(message)
                    self._held.sort(key=_order)
                    asyncio.get_running_loop().call_later(REORDER_S, self._release, rev)
                    return
                self._hand_out(message)
                while self._held and self._is_due(self._held[0]):
                    self._hand_out(self._held.pop(0))
            case ReactionsShared():
                for user, emoji, count in message.items:
                    self._shown.add(user, emoji, count)
                if self._flush is None:
                    # Gathered once more: each process of the room sends its own batches.
                    self._flush = asyncio.get_running_loop().call_later(
                        interval_s(self.listeners.count), self._show_reactions
                    )
            case Speaker():
                assigned = snapshot.assigned(message.assigned)
                if assigned == self.assigned:  # Said again, for those who did not hear it.
                    return
                self.assigned = assigned
                self.tell_all(SpeakerChangedMessage(self.assigned, personal=False))

    def _is_due(self, change: Change) -> bool:
        """True unless a change before it is still to come. What is not stored makes no `rev`."""
        return change.rev <= self.rev + change.is_stored

    def _release(self, rev: int) -> None:
        """Go on without what should have come before: it is lost, and the room is read anew."""
        is_lost = any(held.rev <= rev and not self._is_due(held) for held in self._held)
        while self._held and self._held[0].rev <= rev:
            self._hand_out(self._held.pop(0))
        if is_lost:
            self._begin_to_catch_up()

    def _hand_out(self, change: Change) -> None:
        if change.is_bare:
            return
        # Not simply its `rev`: one that was given up as lost may still come.
        self.rev = max(self.rev, change.rev)
        stage = [int(user) for user in change.stage]
        self._set_stage(stage, change.rev, is_recorded=change.recording)
        for person in change.people:
            self.listeners.on_renamed(person)
            self.captions.on_renamed(person)
        # Most sockets get the very same texts: these are put together once for all of them.
        plain = change.texts_for(None)
        special = change.special
        # A copy, because a socket may leave the hub while it is told.
        for socket in list(self.sockets):
            is_plain = socket.user is None or str(socket.user) not in special
            as_staff = socket.login.proof is not None
            try:
                texts = plain if is_plain else change.texts_for(socket.user, as_staff=as_staff)
                socket.on_change(change, texts)
            except Exception:
                # Its page sees by the next `pong` what it misses; the others miss nothing.
                log.exception("A change of %s was not handed to a socket", self.space)

    def tell_all(self, message: ServerMessage) -> None:
        text = encode(message)
        for socket in list(self.sockets):
            socket.push_text(text)

    def tell_readers(self, message: ServerMessage) -> None:
        """Send it to the sockets that show captions."""
        text = encode(message)
        for socket in list(self.sockets):
            if socket.reads_captions:
                socket.push_text(text)

    def on_room(self, room: Room) -> None:
        """Take stage and REC from a fresh snapshot, unless a newer one is known."""
        # A hub whose first socket has just come has heard no change. Later on a snapshot for one
        # socket says nothing of what the others were told.
        self.rev = self.rev or room.rev
        self._set_stage([seat.user for seat in room.seats], room.rev, is_recorded=room.recording)

    def _set_stage(self, users: list[int], rev: int, *, is_recorded: bool) -> None:
        if rev >= self._stage_rev:
            self._stage_rev, self.stage = rev, users
            self.captions.recording.on_room(is_recorded=is_recorded)

    # --- lost changes -----------------------------------------------------------------------------

    def on_stored(self, rev: int) -> None:
        """Take in how far the database is. What is still missing with the next look is lost."""
        if 0 < self.rev < self._looked_rev:
            self._begin_to_catch_up()
        self._looked_rev = rev

    def _begin_to_catch_up(self) -> None:
        if self.sockets and (self._catching_up is None or self._catching_up.done()):
            loop = asyncio.get_running_loop()
            self._catching_up = loop.create_task(
                self._catch_up(), name=f"hub.catch_up {self.space}"
            )

    async def _catch_up(self) -> None:
        """Read the room once and show it to all sockets: a thousand pages that ask by themselves
        would be a thousand readings.
        """
        behind = list(self.sockets)
        for _ in range(CATCH_UP_TRIES if behind else 0):
            viewers = {socket.user for socket in behind if socket.user is not None}
            try:
                room = await in_thread(service.recover, self.space, viewers)
            except (RoomError, DatabaseError) as error:
                # The next look finds it again; pages see by their `pong` what they miss.
                log.warning("Room %s is not caught up with: %s", self.space, error)
                return
            behind = await self._show_again(room, behind)
            if not behind:
                return

    async def _show_again(self, room: Room, behind: list[HubSocket]) -> list[HubSocket]:
        """Show the room to these sockets; return those to which a newer change came first."""
        if room.is_over:
            self._hand_out(service.as_it_ended(room))
            return []
        self.on_room(room)
        snapshot_for = snapshot.snapshots(room, self.moment)
        while behind and room.rev >= self.rev:
            now, behind = behind[:SHOWN_AT_ONCE], behind[SHOWN_AT_ONCE:]
            self.rev = room.rev
            for socket in now:
                if socket in self.sockets:
                    socket.show_again(room, snapshot_for)
            await asyncio.sleep(0)
        return behind

    # --- every second -----------------------------------------------------------------------------

    def note_alive(self, member: str) -> None:
        """Take in a ping; a thousand sockets' pings go to Redis as one message a second."""
        self._alive.add(member)

    def note_gone(self, member: str) -> None:
        """Forget a ping: it must not bring back a participant who has just left."""
        self._alive.discard(member)

    async def _every_second(self) -> None:
        while True:
            alive, self._alive = self._alive, set()
            if alive:
                await presence.touch(self.space, *alive)
            now = time.monotonic()
            try:
                told = await self.listeners.look(self.stage, now)
            except (redis.RedisError, DatabaseError, OSError) as error:
                # The count stays as it was told; sockets are looked after all the same.
                log.warning("Listeners of %s are not counted: %s", self.space, error)
                told = None
            if told:
                self.tell_all(told)
            await self.captions.on_second(
                is_read=any(socket.reads_captions for socket in self.sockets), now=now
            )
            for socket in list(self.sockets):
                socket.on_second(now)
            await asyncio.sleep(SECOND_S)

    # --- reactions --------------------------------------------------------------------------------

    def react(self, user: int, emoji: str) -> bool:
        """Take in a reaction of one of our sockets for the next batch to all; False if it is one
        too many.
        """
        if not self._limit.allows(user, time.monotonic()):
            return False
        self._said.add(user, emoji)
        return True

    async def _publish_reactions(self) -> None:
        while True:
            await asyncio.sleep(min(interval_s(self.listeners.count), 0.2))
            if self._said:
                await show_reactions(self.space, self._said.take())

    def _show_reactions(self) -> None:
        self._flush = None
        if self._shown:
            self.tell_all(ReactionsMessage(self._shown.take()))


def _order(change: Change) -> tuple[int, bool]:
    """What is told once belongs to the room after the change of the same `rev`."""
    return change.rev, not change.is_stored
