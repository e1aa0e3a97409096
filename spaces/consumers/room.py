"""The socket of one person in one room. It reads, asks the rules, answers; what others do comes from the hub."""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import redis
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError
from django.utils import translation

from config.limits import LIMITS
from spaces import protocol
from spaces.consumers import login as logins
from spaces.consumers import presence, reactions
from spaces.consumers.hub import RoomHub
from spaces.consumers.hubs import hubs
from spaces.consumers.media import MediaLink
from spaces.consumers.outbox import Outbox
from spaces.consumers.pace import Pace
from spaces.consumers.threads import in_thread
from spaces.relay.grants import Grant, grant_for
from spaces.rooms import commands, service, view
from spaces.rooms.commands import Actor
from spaces.rooms.errors import RoomError
from spaces.rooms.state import Phase, Room
from spaces.rooms.wire import Change, dump
from spaces.services import roster

CLOSE_LOG_IN, CLOSE_NOT_AVAILABLE, CLOSE_REPLACED, CLOSE_ENDED, CLOSE_FLOOD = 4401, 4403, 4408, 4410, 4429
CLOSE_LEFT, CLOSE_GONE, CLOSE_SLOW = 1000, 1001, 1013  # RFC 6455 §7.4.1 and its registry.
CLOSE_FOR = {"log_in": CLOSE_LOG_IN, "ended": CLOSE_ENDED}
QUEUE_MAX = 64  # Messages of one socket that wait to be done; the pace lets in 20 a second.

log = logging.getLogger(__name__)
Notice = Mapping[str, Any]  # Any: what the channel layer carries.


class RoomConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types.
    """One task sends (`outbox`), one works through what the person asked. Receiving never waits for either."""

    user: int | None = None
    login = logins.VISITOR

    async def connect(self) -> None:
        self.space: str = self.scope["url_route"]["kwargs"]["public_id"]
        self.hub: RoomHub | None = None
        self.media: MediaLink | None = None
        self.is_ready = False
        self.is_released = False
        self.is_busy = False
        self.has_ended = False
        self.rev = 0
        self.early: list[tuple[Change, list[str]]] = []
        self.stage: Mapping[str, str] = {}
        self.phase = ""
        self.tasks: list[asyncio.Task[None]] = []
        self.todo: asyncio.Queue[protocol.Message] = asyncio.Queue(QUEUE_MAX)
        self.outbox = Outbox(self._send_text, self._close_socket, self._on_slow)
        self.heard_at = time.monotonic()
        self.pace = Pace(LIMITS.socket_messages_per_s, self.heard_at)
        try:
            self.login = await in_thread(logins.identify, self.scope)
        except logins.Refused:
            await self.close()
            return
        self.user = self.login.user
        self.actor = Actor(self.user, self.login.is_staff)
        self.member = presence.member_of(self.user)
        await self.accept()
        self._begin(self.outbox.run(), "outbox")
        await self._enter()

    async def disconnect(self, code: int) -> None:
        # Channels may call this for a handshake that was refused, before anything was made.
        if self.hub is not None:
            await hubs().leave(self.hub, self)
        if self.media is not None:
            if self.outbox.is_closing:  # It was our wish or theirs; a lost connection comes back.
                await self.media.close("left")
            else:
                self.media.abandon()
            if not self.is_released:
                await presence.release(self.space, self.member, self.channel_name, at_once=not self._is_on_stage)
        for task in getattr(self, "tasks", []):
            task.cancel()
        await asyncio.gather(*getattr(self, "tasks", []), return_exceptions=True)

    # --- coming in -----------------------------------------------------------------------------------------------

    async def _enter(self) -> None:
        """Join the hub first and read the room second, so that no change falls between."""
        try:
            self.hub = await hubs().join(self.space, self)
            room = await in_thread(service.enter, self.space, self.actor, self._page())
            before = await presence.take(self.space, self.member, self.channel_name)
        except RoomError as error:
            await self._turn_away(error)
            return
        except (redis.RedisError, DatabaseError, OSError):
            log.exception("Nobody can enter room %s", self.space)
            self.outbox.close(CLOSE_SLOW)
            return
        if before:
            await self.channel_layer.send(before, {"type": "room.replaced"})
        if self.user is None:
            await self._count_visitor()
        self.media = MediaLink(self.space, self.user, self.channel_name, self._grant, self._answer_media)
        self._show(room)
        self._begin(self._work(), "work")

    async def _turn_away(self, error: RoomError) -> None:
        self.outbox.put(self._error_text(error.code, None))
        self.outbox.close(CLOSE_FOR.get(error.code, CLOSE_NOT_AVAILABLE))

    def _show(self, room: Room, ref: str | None = None) -> None:
        """Send the room as it is, then what happened since it was read."""
        hub = self._hub
        hub.on_stage([seat.user for seat in room.seats], room.rev)
        snapshot = view.snapshot(room, self.actor, hub.live)
        self.stage = {str(seat.user): seat.role.value for seat in room.seats}
        self.phase = room.phase.value
        self.rev = room.rev
        self.outbox.put(dump({**snapshot, "ref": ref} if ref is not None else snapshot))
        self.is_ready = True
        early, self.early = self.early, []
        for change, texts in early:
            if change.rev > room.rev or change.removed:
                self.on_change(change, texts)

    def _page(self) -> str:
        words = parse_qs(self.scope.get("query_string", b"").decode("latin-1")).get("page", [""])
        return str(words[0])[: protocol.PAGE_CHARS]

    async def _count_visitor(self) -> None:
        headers = dict(self.scope["headers"])
        address = (self.scope.get("client") or ["", 0])[0]
        await presence.count_visitor(self.space, str(address), headers.get(b"user-agent", b"").decode("latin-1"))

    # --- from the browser ----------------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        now = time.monotonic()
        if not self.pace.allows(now):
            self._on_flood("rate_limited")
            return
        try:
            message = protocol.parse(text_data)
        except protocol.BadMessage as error:
            self.outbox.put(self._error_text(error.code, error.ref))
            return
        if isinstance(message.body, protocol.Ping):
            await self._on_ping(message, message.body, now)
            return
        try:
            self.todo.put_nowait(message)
        except asyncio.QueueFull:
            self.outbox.put(self._error_text("rate_limited", message.ref))

    async def _on_ping(self, message: protocol.Message, ping: protocol.Ping, now: float) -> None:
        self.heard_at = now
        if ping.seen is not None:
            self.outbox.on_seen(ping.seen)
        self._answer(message.ref, {"type": "pong", "n": self.outbox.next_pong(), "rev": self.rev})
        if self.is_ready and not self.is_released:
            await presence.touch(self.space, self.member)

    def _on_flood(self, code: str) -> None:
        if self.pace.is_first_over:
            self.outbox.put(self._error_text(code, None))
        if self.pace.is_hopeless:
            self.outbox.close(CLOSE_FLOOD)

    async def _work(self) -> None:
        """Do what the person asked, one after the other, whatever it takes."""
        while True:
            message = await self.todo.get()
            self.is_busy = True
            try:
                await self._do(message)
            except RoomError as error:
                self.outbox.put(self._error_text(error.code, message.ref))
            except Exception:
                log.exception("%s failed in room %s", message.type, self.space)
                self.outbox.put(self._error_text("failed", message.ref))
            self.is_busy = False
            if self.has_ended:
                self.outbox.close(CLOSE_ENDED)

    async def _do(self, message: protocol.Message) -> None:
        match message.body:
            case commands.Command():
                await self._command(message.ref, message.body)
            case protocol.GetSnapshot():
                self._show(await in_thread(service.look, self.space, self.actor), message.ref)
            case protocol.GetPeople(after):
                await self._people(message.ref, after)
            case protocol.SendReaction(emoji):
                await self._react(message.ref, emoji)
            case _:
                await self._media_message(message)

    async def _command(self, ref: str | None, command: commands.Command) -> None:
        room = await in_thread(service.execute, self.space, self.actor, command)
        answer: dict[str, object] = {"type": "ok"}
        if isinstance(command, commands.RequestToSpeak):
            answer["state"] = "seated" if room.seat_of(self.user) else "requested"
        self._answer(ref, answer)
        if isinstance(command, commands.LeaveRoom):
            self.stage = {}
            self.outbox.close(CLOSE_LEFT)

    async def _media_message(self, message: protocol.Message) -> None:
        media = self._media
        match message.body:
            case protocol.ConnectMedia():
                await media.connect(message.ref)
                return
            case protocol.AnswerMedia(peer, sdp):
                await media.accept(message.ref, peer, sdp)
                return
            case protocol.SetVideo(on):
                await media.set_video(on)
            case protocol.PinView(user):
                await media.pin(user)
        self._answer(message.ref, {"type": "ok"})

    async def _react(self, ref: str | None, emoji: str) -> None:
        if self.user is None:
            raise RoomError("log_in")
        if self.phase != Phase.LIVE:
            raise RoomError("not_live")
        if not await reactions.limit().allows(self.space, self.user):
            raise RoomError("rate_limited")
        self._hub.react(self.user, emoji)
        self._answer(ref, {"type": "ok"})

    async def _people(self, ref: str | None, after: int) -> None:
        _, here = await presence.listening(self.space, self._hub.stage)
        listed, following = await in_thread(roster.page_for, self.user, self.space, here, after)
        people = [{"user": view.person(each.person), "relation": each.relation} for each in listed]
        self._answer(ref, {"type": "people", "people": people, "next": following})

    async def _grant(self) -> Grant:
        room = await in_thread(service.look, self.space, self.actor)
        return grant_for(room, self.actor)

    # --- from the hub --------------------------------------------------------------------------------------------

    def push(self, text: str) -> None:
        if self.is_ready:
            self.outbox.put(text)

    def on_change(self, change: Change, texts: list[str]) -> None:
        if not self.is_ready:
            self.early.append((change, texts))
            return
        self.stage, self.phase, self.rev = change.stage, change.phase, max(self.rev, change.rev)
        for text in texts:
            self.outbox.put(text)
        if self.user is not None and self.user in change.removed:
            self._cut(CLOSE_NOT_AVAILABLE, "removed")
        elif change.is_over:
            self._on_end()

    def _on_end(self) -> None:
        """Who ended the room still gets the answer to that: the news may be faster."""
        self.has_ended = True
        if self.is_busy and self.media is not None:
            self._begin(self.media.close("ended"), "cut")
            return
        self._cut(CLOSE_ENDED, "ended")

    def on_second(self, now: float) -> None:
        """A socket that has not pinged for 15 s is no presence, whatever TCP believes."""
        if now - self.heard_at > LIMITS.gone_after_s + LIMITS.ping_s:
            self.outbox.close(CLOSE_GONE)

    def on_logged_out(self) -> None:
        self.outbox.put(self._error_text("log_in", None))
        self._cut(CLOSE_LOG_IN, "removed")

    def _on_slow(self) -> None:
        log.info("A socket of room %s does not read and is cut", self.space)
        self.outbox.close(CLOSE_SLOW)

    def _cut(self, code: int, reason: str) -> None:
        """End the media now and the socket after what is queued."""
        if self.media is not None:
            self._begin(self.media.close(reason), "cut")
        self.outbox.close(code)

    # --- from other sockets and from the relay -------------------------------------------------------------------

    async def room_replaced(self, notice: Notice) -> None:
        """The same account has opened the room elsewhere: this tab is silent from now on."""
        self.is_released = True
        self.outbox.put(dump({"type": "replaced"}))
        self._cut(CLOSE_REPLACED, "replaced")

    async def relay_offer(self, notice: Notice) -> None:
        self._media.on_offer(dict(notice))

    async def relay_accepted(self, notice: Notice) -> None:
        self._media.on_accepted(dict(notice))

    async def relay_error(self, notice: Notice) -> None:
        self._media.on_error(dict(notice))

    async def relay_connected(self, notice: Notice) -> None:
        self._media.on_connected(dict(notice))

    async def relay_closed(self, notice: Notice) -> None:
        self._media.on_closed(dict(notice))

    async def relay_speaker(self, notice: Notice) -> None:
        self.push(dump({"type": "speaker.changed", "assigned": view.carried(notice["assigned"]), "personal": True}))

    async def relay_health(self, notice: Notice) -> None:
        self.push(dump({"type": "media.health", "level": notice["level"]}))

    # -------------------------------------------------------------------------------------------------------------

    @property
    def _hub(self) -> RoomHub:
        assert self.hub is not None, "Nothing is done before the room was entered."
        return self.hub

    @property
    def _media(self) -> MediaLink:
        assert self.media is not None, "Nothing is done before the room was entered."
        return self.media

    @property
    def _is_on_stage(self) -> bool:
        return self.user is not None and str(self.user) in self.stage

    def _begin(self, work: Any, name: str) -> None:  # Any: a coroutine of whatever kind.
        self.tasks = [task for task in self.tasks if not task.done()]
        self.tasks.append(asyncio.get_running_loop().create_task(work, name=f"room.{name} {self.space}"))

    def _answer(self, ref: str | None, answer: dict[str, object]) -> None:
        self.outbox.put(dump({**answer, "ref": ref} if ref is not None else answer))

    def _answer_media(self, answer: dict[str, object]) -> None:
        if answer.get("type") == "error":
            self.outbox.put(
                self._error_text(str(answer["code"]), None if answer["ref"] is None else str(answer["ref"]))
            )
            return
        self.outbox.put(dump({name: value for name, value in answer.items() if name != "ref" or value is not None}))

    def _error_text(self, code: str, ref: str | None) -> str:
        with translation.override(self.login.language or settings.LANGUAGE_CODE):
            error: dict[str, object] = {"type": "error", "code": code, "message": RoomError(code).text}
        return dump({**error, "ref": ref} if ref is not None else error)

    async def _send_text(self, text: str) -> None:
        await self.send(text_data=text)

    async def _close_socket(self, code: int) -> None:
        with suppress(RuntimeError):  # The other side was faster; there is nothing left to close.
            await self.close(code)
