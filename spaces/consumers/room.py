"""The socket of one viewer in one room.

It reads, asks the rules, answers; what others do comes from the hub.
"""

import asyncio
import logging
import time
from urllib.parse import parse_qs

import msgspec
import redis
from django.db import DatabaseError

from accounts.realtime.message_rate import MessageRate
from accounts.realtime.socket import CloseCode
from accounts.realtime.threads import in_thread
from config.http import client_address
from config.http.server_time import now_ms
from config.limits import LIMITS
from spaces import protocol
from spaces.consumers import phases, presence, queries, rate_limits
from spaces.consumers.commands import CommandQueue
from spaces.consumers.display import RoomDisplay
from spaces.consumers.hub_registry import hubs
from spaces.consumers.media import MediaLink
from spaces.consumers.phases import SocketPhase
from spaces.consumers.place import Place, RoomReplaced
from spaces.relay.grants import MediaGrant, grant_for
from spaces.rooms import commands, service
from spaces.rooms.actor import Actor
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.messages import (
    OkMessage,
    PongMessage,
    ReplacedMessage,
)
from spaces.rooms.state import Phase

REPLACED_AGAIN_S = 5.0
log = logging.getLogger(__name__)


class RoomConsumer(RoomDisplay):
    """Beside the task that sends, one does what the viewer asks (`commands`)."""

    task_prefix = "room"

    def __init__(self) -> None:
        super().__init__()
        self.reads_captions = False
        self._participant = ""  # Its name in the room's presence.
        self._page = ""
        self._commands = CommandQueue(self.on_message, self.refuse, self.on_message_done)
        self._snapshot_rate = MessageRate(LIMITS.socket_snapshots_per_s, time.monotonic())
        self._giving_up: asyncio.Task[None] | None = None

    # --- coming and going -------------------------------------------------------------------------

    async def on_accepted(self) -> None:
        """Enter the room, or answer with an error and close."""
        self.space = self.scope["url_route"]["kwargs"]["public_id"]
        self.user = self.login.user
        # Whether they are staff now is asked of their row with each command: `Actor.as_of`.
        self.actor = Actor(self.user, is_staff=self.login.proof is not None)
        self._participant = presence.member_of(self.user)
        address = client_address.of_socket(self.scope)
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        self._page = query.get("page", [""])[0][: protocol.PAGE_CHARS]
        try:
            async with hubs().entering:
                if not await rate_limits.may_enter(
                    self.space, self.user, self._participant, address
                ):
                    raise RoomError(ErrorCode.RATE_LIMITED)
                # The hub first and the room second, so that no change falls between the two.
                self._hub = await hubs().join(self.space, self)
                room = await in_thread(service.join, self.space, self.actor, self._page)
                # Last: who is refused must not replace the tab in which they are in the room.
                before = await presence.take(self.space, self._participant, self.channel_name)
        except RoomError as error:
            self._turn_away(error)
            return
        except (redis.RedisError, DatabaseError, OSError):
            log.exception("Room %s cannot be entered", self.space)
            # A code after which the page tries again: this is our fault and may soon be over.
            self._end(SocketPhase.LEAVING, CloseCode.SLOW)
            return
        if before:
            self.begin(self._replace(before), "replace")
        if self.user is None:
            headers = dict(self.scope["headers"])
            agent = headers.get(b"user-agent", b"").decode("latin-1")
            await presence.count_visitor(self.space, address, agent)
        # From here on commands are taken (`on_text`); the room is shown before the first is done.
        self._media = MediaLink(self)
        self._show(room)
        self.begin(self._commands.run(), "commands")

    async def on_gone(self) -> None:
        if self._hub is not None:
            await hubs().leave(self._hub, self)
        if self._media is None:
            return  # It was turned away: it has neither media nor presence.
        if self._giving_up is not None:
            await self._giving_up
        if phases.keeps_media(self.phase):
            self._media.abandon()
        else:
            await self._media.close("left")
        if phases.holds_presence(self.phase):
            self.hub.note_gone(self._participant)
            # Lost on stage one keeps the seat for a while, by the time of the last ping (RULES §6).
            is_on_stage = self.user is not None and str(self.user) in self._stage
            await presence.release(
                self.space, self._participant, self.channel_name, at_once=not is_on_stage
            )

    # --- how it ends ------------------------------------------------------------------------------

    def on_flood(self) -> None:
        self._end(SocketPhase.LEAVING, CloseCode.FLOOD)

    def on_slow(self) -> None:
        super().on_slow()
        self._come_to(SocketPhase.CUT)

    def on_second(self, now: float) -> None:
        """Close a socket that has not pinged: it is no presence, whatever TCP believes."""
        # A ping interval later than the 15 s of RULES §6: the page is judged gone by then anyway.
        if now - self.heard_at > LIMITS.gone_after_s + LIMITS.ping_s:
            self._end(SocketPhase.CUT, CloseCode.GONE)

    def on_logged_out(self) -> None:
        self.refuse(None, ErrorCode.LOG_IN)
        # Not with the socket, which first sends what is queued: sound ends within 2 s (RULES §1).
        self._cut_media("removed")
        self._end(SocketPhase.LEAVING, CloseCode.LOG_IN)
        # Of a socket that another one has replaced, the place is not its own to give back.
        if self._media is not None and phases.holds_presence(self.phase):
            loop = asyncio.get_running_loop()
            self.hub.note_gone(self._participant)
            place = Place(self.space, self.user or 0, self._page, self.channel_name)
            self._giving_up = loop.create_task(place.give_up(), name="room.give_up")

    def on_factor_gone(self) -> None:
        super().on_factor_gone()
        self.actor = Actor(self.user)
        if self._media is not None:
            self.begin(self._lose_powers(), "lose_powers")

    async def _lose_powers(self) -> None:
        await self._show_anew()
        if self.phase is SocketPhase.LEAVING:  # They were let in as staff alone.
            self._cut_media("removed")

    async def _replace(self, channel: str) -> None:
        """Tell the socket that was here before, and once more in case it did not hear it: two tabs
        would both go on.
        """
        replaced = msgspec.to_builtins(RoomReplaced(self._page))
        for wait_s in (0, REPLACED_AGAIN_S):
            await asyncio.sleep(wait_s)
            try:
                await self.channel_layer.send(channel, replaced)
            except (redis.RedisError, OSError) as error:
                log.warning("An older tab in %s was not told: %s", self.space, error)

    async def room_replaced(self, event: object) -> None:
        """The same account has opened the room elsewhere: this tab is silent from now on.

        Unless it is the same page, back before the server noticed that its old socket was dead:
        then its sound goes on until the new connection stands.
        """
        page = msgspec.convert(event, RoomReplaced).page
        self.push(ReplacedMessage())
        if page and page == self._page:
            self._end(SocketPhase.TAKEN_OVER, CloseCode.REPLACED)
            return
        self._cut_media("replaced")
        self._end(SocketPhase.REPLACED, CloseCode.REPLACED)

    # --- from the browser -------------------------------------------------------------------------

    def on_text(self, text: str | None, now: float) -> None:
        try:
            message = protocol.parse(text)
        except protocol.BadMessage as error:
            self.refuse(error.ref, error.code)
            return
        if isinstance(message.body, protocol.Ping):
            self.heard_at = now
            rev = self._rev
            if self.phase in (SocketPhase.IN_ROOM, SocketPhase.ENDED):
                self.hub.note_alive(self._participant)
                # Of what the hub has handed out, this socket may have been left out.
                rev = max(rev, self.hub.rev)
            number = self.count_ping(message.body.seen)
            pong = PongMessage(number, rev, now_ms(), self.send_queue.sent)
            self.answer(message.ref, pong)
        elif self._media is not None:  # Before it has entered nothing is asked of it.
            self._commands.put(message)

    def on_rate_limited(self) -> None:
        self.refuse(None, ErrorCode.RATE_LIMITED)

    async def on_message(self, message: protocol.ClientMessage) -> None:
        """Do one message and answer it. Raises RoomError."""
        ref = message.ref
        match message.body:
            case commands.RequestToSpeak() as command:
                # A listener can ask and cancel for ever, and each goes to the hosts' pages.
                if not await rate_limits.allows("request", self.space, self._participant):
                    raise RoomError(ErrorCode.RATE_LIMITED)
                room = await in_thread(service.execute, self.space, self.actor, command)
                is_seated = room.seat_of(self.user) is not None
                self.answer(ref, OkMessage("seated" if is_seated else "requested"))
            case commands.RoomCommand() as command:
                await in_thread(service.execute, self.space, self.actor, command)
                self.answer(ref, OkMessage())
                if isinstance(command, commands.LeaveRoom):
                    # Left on purpose: `on_gone` takes the presence back at once and holds no seat.
                    self._stage = {}
                    self._end(SocketPhase.LEAVING, CloseCode.NORMAL)
            case protocol.GetSnapshot():
                await self._show_again(ref)
            case protocol.GetPeople(after):
                people = await queries.people(self.space, self.actor, self.hub.stage, after)
                self.answer(ref, people)
            case protocol.GetBans():
                self.answer(ref, await queries.bans(self.space, self.actor))
            case protocol.GetLeft():
                left = await queries.recently_left(self.space, self.actor, self.hub.stage)
                self.answer(ref, left)
            case protocol.ReadCaptions(on):
                self.reads_captions = on
                self.answer(ref, self.hub.captions.for_reader())
            case protocol.SendReaction(emoji):
                await self._react(emoji)
                self.answer(ref, OkMessage())
            case protocol.ConnectMedia():
                await self.media.connect(ref)
            case protocol.AnswerMedia(peer, sdp):
                await self.media.accept(ref, peer, sdp)
            case protocol.PauseVideo(on):
                await self.media.set_video(on)
                self.answer(ref, OkMessage())
            case protocol.PinPerson(user):
                await self.media.pin(user)
                self.answer(ref, OkMessage())

    async def _show_again(self, ref: str | None) -> None:
        """Send a new snapshot. A viewer who missed a removal or the end hears of it here."""
        if not self._snapshot_rate.allows(time.monotonic()):
            raise RoomError(ErrorCode.RATE_LIMITED)
        await self._show_anew(ref)

    async def _show_anew(self, ref: str | None = None) -> None:
        """Send the room as it is now, or turn a viewer away who may not be in it any more."""
        try:
            room = await in_thread(service.get_room_for, self.space, self.actor)
            if room.rev < self._rev:  # Read before the change that this socket was told meanwhile.
                room = await in_thread(service.get_room_for, self.space, self.actor)
        except RoomError as error:
            self._turn_away(error)
            return
        self._show(room, ref)
        # Of the room's own the snapshot has everything, of the connection nothing.
        self.media.say_again()

    async def _react(self, emoji: str) -> None:
        if self.actor.id is None:
            raise RoomError(ErrorCode.LOG_IN)
        if self._room_phase != Phase.LIVE:
            raise RoomError(ErrorCode.NOT_LIVE)
        # In Redis too: a user who hops from one process to another has one limit all the same.
        is_within = await rate_limits.may_react(self.space, self._participant)
        if not is_within or not self.hub.react(self.actor.id, emoji):
            raise RoomError(ErrorCode.RATE_LIMITED)

    @property
    def is_busy(self) -> bool:
        return self._commands.is_busy

    def on_message_done(self) -> None:
        """Close a socket whose room has ended while it waited for this answer."""
        if self.phase is SocketPhase.ENDED:
            self._end(SocketPhase.LEAVING, CloseCode.ENDED)

    # --- for its parts ----------------------------------------------------------------------------

    async def grant(self) -> MediaGrant:
        """Return what the relay may be told of this viewer now. Raises RoomError."""
        room = await in_thread(service.get_room_for, self.space, self.actor)
        return grant_for(room, self.actor)
