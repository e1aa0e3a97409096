"""One room in one web process: hears the room's group once and hands each socket its part.

Events come encoded (`rooms.wire.Change`); a thousand sockets cost a thousand queue entries, not a
thousand encodings.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any, Protocol

import redis
from channels.layers import get_channel_layer
from django.db import DatabaseError

from accounts.realtime.login import Login
from media_relay.protocol.relay import group_name
from spaces.consumers import presence
from spaces.consumers.captions import RoomCaptions
from spaces.consumers.listeners import Listeners
from spaces.consumers.reactions import ReactionBatch, ReactionLimit, interval_s
from spaces.rooms import snapshot
from spaces.rooms.encoding import Change, dump
from spaces.rooms.service import reactions_group, show_reactions

REORDER_S = (
    # Two processes may publish in another order than they committed; a lost message is not waited
    # for longer.
    0.3
)
SECOND_S = 1.0
log = logging.getLogger(__name__)

Message = Mapping[str, Any]  # Any: what the channel layer carries.


class Member(Protocol):
    """What a hub needs of a socket."""

    user: int | None
    login: Login
    reads_captions: bool

    def push(self, text: str) -> None: ...

    def on_change(self, change: Change, texts: list[str]) -> None: ...

    def on_second(self, now: float) -> None: ...

    def on_logged_out(self) -> None: ...


class RoomHub:
    """Lives as long as it has members.

    All of it runs in one event loop, so nothing here needs a lock.
    """

    def __init__(self, space: str) -> None:
        self.space = space
        self.members: set[Member] = set()
        self.listeners = Listeners(space)
        self.assigned: Mapping[str, object] = snapshot.NOBODY
        self.stage: list[int] = []
        self.captions = RoomCaptions(space, self.push_all, self._push_readers, lambda: self.stage)
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
    def live(self) -> snapshot.Live:
        return snapshot.Live(
            self.listeners.count, self.listeners.sample, self.assigned, self.captions.state()
        )

    # --- life -------------------------------------------------------------------------------------

    async def add(self, member: Member) -> None:
        """Take a socket in; when this returns no later change can pass it by."""
        self.members.add(member)
        if self._started is None:
            self._started = asyncio.get_running_loop().create_future()
            await self._start()
        await asyncio.shield(self._started)

    async def _start(self) -> None:
        assert self._started is not None
        layer = get_channel_layer()
        try:
            channel = await layer.new_channel()
            await layer.group_add(group_name(self.space), channel)
            await layer.group_add(reactions_group(self.space), channel)
            await self.captions.start()
        except BaseException as error:
            self._started.set_exception(error)
            self._started.exception()  # Other waiters raise it too; with none it is not lost.
            self._started = None
            raise
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._listen(channel), name=f"hub.listen {self.space}"),
            loop.create_task(self._every_second(), name=f"hub.second {self.space}"),
            loop.create_task(self._publish_reactions(), name=f"hub.reactions {self.space}"),
        ]
        self._started.set_result(None)

    def discard(self, member: Member) -> None:
        self.members.discard(member)

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
                message = await layer.receive(channel)
                try:
                    self._on_message(message)
                except Exception:
                    log.exception("A message to room %s could not be handed out", self.space)
        finally:
            await layer.group_discard(group_name(self.space), channel)
            await layer.group_discard(reactions_group(self.space), channel)

    def _on_message(self, message: Message) -> None:
        match message["type"]:
            case "room.change":
                self._on_change(
                    Change(**{name: value for name, value in message.items() if name != "type"})
                )
            case "room.reactions":
                for user, emoji, count in message["items"]:
                    self._shown.add(user, emoji, count)
                self._show_reactions_soon()
            case "room.text":
                self.push_all(message["text"])
            case "relay.speaker":
                self.on_speaker(snapshot.carried(message["assigned"]))

    def _on_change(self, change: Change) -> None:
        """Hand changes out in the order of `rev`; hold one that came too early for a moment."""
        if self._rev and change.rev > self._rev + 1:
            self._held[change.rev] = change
            asyncio.get_running_loop().call_later(REORDER_S, self._release, change.rev)
            return
        self._hand_out(change)
        while (waiting := self._held.pop(self._rev + 1, None)) is not None:
            self._hand_out(waiting)

    def _release(self, rev: int) -> None:
        """What should have come before is lost: go on, and let the clients see the gap."""
        for due in sorted(held for held in self._held if held <= rev):
            self._hand_out(self._held.pop(due))

    def _hand_out(self, change: Change) -> None:
        self._rev = max(self._rev, change.rev)
        self.stage = [int(user) for user in change.stage]
        plain = change.texts_for(None)
        special = {
            *change.one,
            *change.stage,
            *(str(user) for users in change.hidden.values() for user in users),
        }
        for member in list(self.members):
            is_plain = member.user is None or str(member.user) not in special
            member.on_change(change, plain if is_plain else change.texts_for(member.user))

    def push_all(self, text: str) -> None:
        for member in list(self.members):
            member.push(text)

    def _push_readers(self, text: str) -> None:
        for member in list(self.members):
            if member.reads_captions:
                member.push(text)

    def on_speaker(self, assigned: Mapping[str, object]) -> None:
        self.assigned = assigned
        self.push_all(
            dump({"type": "speaker.changed", "assigned": dict(assigned), "personal": False})
        )

    def on_stage(self, users: list[int], rev: int) -> None:
        """A fresh snapshot says who is on stage; older than what we know it says nothing."""
        if rev >= self._rev:
            self._rev, self.stage = rev, users

    # --- every second -----------------------------------------------------------------------------

    def note_alive(self, member: str) -> None:
        """Take in a ping; a thousand sockets' pings go to Redis as one message a second."""
        self._alive.add(member)

    def note_gone(self, member: str) -> None:
        """Its last ping must not bring back somebody who has just left."""
        self._alive.discard(member)

    async def _every_second(self) -> None:
        while True:
            alive, self._alive = self._alive, set()
            if alive:
                await presence.touch(self.space, *alive)
            now = time.monotonic()
            await self._tell_who_listens(now)
            await self.captions.on_second(
                is_read=any(member.reads_captions for member in self.members), now=now
            )
            for member in list(self.members):
                member.on_second(now)
            await asyncio.sleep(SECOND_S)

    async def _tell_who_listens(self, now: float) -> None:
        try:
            told = await self.listeners.look(self.stage, now)
        except (redis.RedisError, DatabaseError, OSError) as error:
            log.warning("Listeners of %s are not counted: %s", self.space, error)
            return
        if told:
            self.push_all(dump({"type": "listeners.changed", **told}))

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

    def _show_reactions_soon(self) -> None:
        if self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(interval_s(self.listeners.count), self._show_reactions)

    def _show_reactions(self) -> None:
        self._flush = None
        if self._shown:
            self.push_all(
                dump({"type": "reactions", "items": [list(item) for item in self._shown.take()]})
            )
