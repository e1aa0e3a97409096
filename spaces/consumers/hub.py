"""One room in one web process: hears the room's group once and hands each socket its part.

Events come encoded (`rooms.wire.Change`); a thousand sockets cost a thousand queue entries, not a
thousand encodings.
"""

import asyncio
import logging
import time
from typing import Protocol

import redis
from channels.layers import get_channel_layer
from django.db import DatabaseError
from msgspec import convert

from accounts.realtime.login import Login
from accounts.realtime.wire import ServerMessage, encode
from config.http.server_time import now_ms
from media_relay.protocol.relay import Speaker, group_name
from spaces.consumers import presence
from spaces.consumers.captions import RoomCaptions
from spaces.consumers.listeners import Listeners
from spaces.consumers.reactions import ReactionBatch, ReactionLimit, interval_s
from spaces.rooms import snapshot
from spaces.rooms.encoding import Change, ReactionsShared
from spaces.rooms.messages import ReactionsMessage, SpeakerChangedMessage
from spaces.rooms.service import reactions_group, show_reactions

# Two processes may publish in another order than they committed; a lost message is not waited for
# longer.
REORDER_S = 0.3
SECOND_S = 1.0
log = logging.getLogger(__name__)

GroupMessage = Change | ReactionsShared | Speaker


class HubSocket(Protocol):
    """What a hub needs of a room socket."""

    user: int | None
    login: Login
    reads_captions: bool

    def push_text(self, text: str) -> None: ...

    def on_change(self, change: Change, texts: list[str]) -> None: ...

    def on_second(self, now: float) -> None: ...

    def on_logged_out(self) -> None: ...


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
        self._rev = 0
        self._held: dict[int, Change] = {}
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
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
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
                    # The room goes on; a client that misses a change sees the gap in `rev`.
                    log.exception("A message to room %s could not be handed out", self.space)
        finally:
            await layer.group_discard(group_name(self.space), channel)
            await layer.group_discard(reactions_group(self.space), channel)

    def on_message(self, message: GroupMessage) -> None:
        match message:
            case Change(rev=rev):
                # In the order of `rev`; a hub that has seen nothing yet has nothing to wait for.
                if self._rev and rev > self._rev + 1:
                    self._held[rev] = message
                    asyncio.get_running_loop().call_later(REORDER_S, self._release, rev)
                    return
                self._hand_out(message)
                while (waiting := self._held.pop(self._rev + 1, None)) is not None:
                    self._hand_out(waiting)
            case ReactionsShared():
                for user, emoji, count in message.items:
                    self._shown.add(user, emoji, count)
                if self._flush is None:
                    # Gathered once more: each process of the room sends its own batches.
                    self._flush = asyncio.get_running_loop().call_later(
                        interval_s(self.listeners.count), self._show_reactions
                    )
            case Speaker():
                self.assigned = snapshot.assigned(message.assigned)
                self.tell_all(SpeakerChangedMessage(self.assigned, personal=False))

    def _release(self, rev: int) -> None:
        """Go on without what should have come before: it is lost, and clients see the gap."""
        for due in sorted(held for held in self._held if held <= rev):
            self._hand_out(self._held.pop(due))

    def _hand_out(self, change: Change) -> None:
        # Not simply its `rev`: one that was given up as lost may still come.
        self._rev = max(self._rev, change.rev)
        self.stage = [int(user) for user in change.stage]
        for person in change.people:
            self.listeners.on_renamed(person)
            self.captions.on_renamed(person)
        # Most sockets get the very same texts: these are put together once for all of them.
        plain = change.texts_for(None)
        special = change.special
        # A copy, because a socket may leave the hub while it is told.
        for socket in list(self.sockets):
            is_plain = socket.user is None or str(socket.user) not in special
            socket.on_change(change, plain if is_plain else change.texts_for(socket.user))

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

    def on_stage(self, users: list[int], rev: int) -> None:
        """Take the stage from a fresh snapshot, unless a newer change has been heard."""
        # A hub whose first socket has just come has heard no change, and must know the stage to
        # count listeners.
        if rev >= self._rev:
            self._rev, self.stage = rev, users

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
