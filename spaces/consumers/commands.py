"""Where one socket's wishes wait and are done, one after the other, so that receiving never waits."""

import asyncio
import logging
import time
from typing import Protocol

from accounts.realtime.message_rate import Pace
from accounts.realtime.threads import in_thread
from config.limits import LIMITS
from spaces import protocol
from spaces.consumers import presence, rate_limits
from spaces.consumers.hub import RoomHub
from spaces.consumers.media import MediaLink
from spaces.relay.grants import Grant, grant_for
from spaces.rooms import commands, permissions, service, snapshot
from spaces.rooms.commands import Actor
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Action
from spaces.rooms.state import Phase, Room
from spaces.services import participants

WAITING_MAX = 64  # The pace of a socket lets in 20 a second.
log = logging.getLogger(__name__)


class Asker(Protocol):
    """What the desk needs of the socket."""

    space: str
    actor: Actor
    member: str
    phase: str
    rev: int
    reads_captions: bool

    @property
    def room_hub(self) -> RoomHub: ...

    def answer(self, ref: str | None, answer: dict[str, object]) -> None: ...

    def refuse(self, ref: str | None, code: ErrorCode) -> None: ...

    def show(self, room: Room, ref: str | None) -> None: ...

    def turn_away(self, error: RoomError) -> None: ...

    def on_left(self) -> None: ...

    def on_done(self) -> None: ...


class Desk:
    """`is_busy` while something is being done: what ends the room lets its answer out first."""

    def __init__(self, asker: Asker, channel: str) -> None:
        self._asker = asker
        self._todo: asyncio.Queue[protocol.Message] = asyncio.Queue(WAITING_MAX)
        self.is_busy = False
        self._snapshots = Pace(LIMITS.socket_snapshots_per_s, time.monotonic())
        self.media = MediaLink(
            asker.space, asker.actor.id, channel, self._grant, asker.answer, asker.refuse
        )

    def put(self, message: protocol.Message) -> None:
        try:
            self._todo.put_nowait(message)
        except asyncio.QueueFull:
            self._asker.refuse(message.ref, ErrorCode.RATE_LIMITED)

    async def run(self) -> None:
        """Work until cancelled. One task owns this."""
        while True:
            message = await self._todo.get()
            self.is_busy = True
            try:
                await self._do(message)
            except RoomError as error:
                self._asker.refuse(message.ref, error.code)
            except Exception:
                log.exception("%s failed in room %s", message.type, self._asker.space)
                self._asker.refuse(message.ref, ErrorCode.FAILED)
            self.is_busy = False
            self._asker.on_done()

    async def _do(self, message: protocol.Message) -> None:
        match message.body:
            case commands.Command():
                await self._command(message.ref, message.body)
            case protocol.GetSnapshot():
                await self._snapshot(message.ref)
            case protocol.GetPeople(after):
                await self._people(message.ref, after)
            case protocol.ReadCaptions(on):
                self._asker.reads_captions = on
                self._asker.answer(message.ref, self._asker.room_hub.captions.for_reader())
            case protocol.GetBans():
                await self._bans(message.ref)
            case protocol.GetLeft():
                await self._left(message.ref)
            case protocol.SendReaction(emoji):
                await self._react(message.ref, emoji)
            case _:
                await self._media_message(message)

    async def _command(self, ref: str | None, command: commands.Command) -> None:
        asker = self._asker
        asks = isinstance(command, commands.RequestToSpeak)
        if asks and not await rate_limits.allows("request", asker.space, asker.member):
            raise RoomError(ErrorCode.RATE_LIMITED)
        room = await in_thread(service.execute, asker.space, asker.actor, command)
        answer: dict[str, object] = {"type": "ok"}
        if asks:
            answer["state"] = "seated" if room.seat_of(asker.actor.id) else "requested"
        asker.answer(ref, answer)
        if isinstance(command, commands.LeaveRoom):
            asker.on_left()

    async def _snapshot(self, ref: str | None) -> None:
        """Show the room anew. Who missed that they were put out, or that it ended, hears it here."""
        asker = self._asker
        if not self._snapshots.allows(time.monotonic()):
            raise RoomError(ErrorCode.RATE_LIMITED)
        try:
            room = await in_thread(service.look, asker.space, asker.actor)
            if room.rev < asker.rev:  # Read before the change that this socket was told meanwhile.
                room = await in_thread(service.look, asker.space, asker.actor)
        except RoomError as error:
            asker.turn_away(error)
            return
        asker.show(room, ref)

    async def _media_message(self, message: protocol.Message) -> None:
        match message.body:
            case protocol.ConnectMedia():
                await self.media.connect(message.ref)
                return
            case protocol.AnswerMedia(peer, sdp):
                await self.media.accept(message.ref, peer, sdp)
                return
            case protocol.PauseVideo(on):
                await self.media.set_video(on)
            case protocol.PinPerson(user):
                await self.media.pin(user)
        self._asker.answer(message.ref, {"type": "ok"})

    async def _react(self, ref: str | None, emoji: str) -> None:
        asker = self._asker
        if asker.actor.id is None:
            raise RoomError(ErrorCode.LOG_IN)
        if asker.phase != Phase.LIVE:
            raise RoomError(ErrorCode.NOT_LIVE)
        # In Redis too: somebody who hops from one process to another has one limit all the same.
        is_within = await rate_limits.may_react(asker.space, asker.member)
        if not is_within or not asker.room_hub.react(asker.actor.id, emoji):
            raise RoomError(ErrorCode.RATE_LIMITED)
        asker.answer(ref, {"type": "ok"})

    async def _people(self, ref: str | None, after: int) -> None:
        space, hub = self._asker.space, self._asker.room_hub
        _, here = await presence.listening(space, hub.stage)
        listed, following = await in_thread(
            participants.listeners_page, self._asker.actor.id, space, here, after
        )
        people = [
            {
                "user": snapshot.person(each.person),
                "relation": each.relation,
                "role": each.role.value,
            }
            for each in listed
        ]
        self._asker.answer(ref, {"type": "people", "people": people, "next": following})

    async def _bans(self, ref: str | None) -> None:
        """Show who was removed to those who may let them in again."""
        asker = self._asker
        await self._require(Action.UNBAN)
        rows = await in_thread(participants.removed_from, asker.space)
        people = [
            {
                "user": snapshot.person(row.person),
                "by": row.by and snapshot.person(row.by),
                "at": snapshot.time(row.at),
            }
            for row in rows
        ]
        asker.answer(ref, {"type": "bans", "people": people})

    async def _left(self, ref: str | None) -> None:
        """Show who was here and is gone to those who may still remove them."""
        asker = self._asker
        await self._require(Action.REMOVE)
        stage = asker.room_hub.stage
        _, here = await presence.listening(asker.space, stage)
        people = await in_thread(participants.recently_left, asker.space, [*here, *stage])
        asker.answer(
            ref,
            {"type": "left", "people": [{"user": snapshot.person(person)} for person in people]},
        )

    async def _require(self, action: Action) -> None:
        actor = self._asker.actor
        room = await in_thread(service.look, self._asker.space, actor)
        if not permissions.may(room, actor, action):
            raise RoomError(ErrorCode.NOT_ALLOWED if actor.id is not None else ErrorCode.LOG_IN)

    async def _grant(self) -> Grant:
        room = await in_thread(service.look, self._asker.space, self._asker.actor)
        return grant_for(room, self._asker.actor)
