"""The socket of one person in one room.

It reads, asks the rules, answers; what others do comes from the hub.
"""

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
from msgspec import UNSET

from accounts.realtime import login as logins
from accounts.realtime.message_rate import Pace
from accounts.realtime.send_queue import Outbox
from accounts.realtime.threads import in_thread
from config.limits import LIMITS
from spaces import protocol
from spaces.consumers import presence, rate_limits
from spaces.consumers.commands import Desk
from spaces.consumers.hub import RoomHub
from spaces.consumers.hub_registry import hubs
from spaces.consumers.media import MediaLink
from spaces.consumers.relay_events import FromRelay
from spaces.rooms import service
from spaces.rooms import snapshot as view
from spaces.rooms.commands import Actor
from spaces.rooms.encoding import Change, dump
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.state import Room

# Daphne's Autobahn takes 1000 and 3000 to 4999 alone; with any other code the socket would stay
# open for ever.
CLOSE_LOG_IN, CLOSE_NOT_AVAILABLE, CLOSE_REPLACED, CLOSE_ENDED, CLOSE_FLOOD = (
    4401,
    4403,
    4408,
    4410,
    4429,
)
CLOSE_LEFT, CLOSE_GONE, CLOSE_SLOW = 1000, 4411, 4413
CLOSE_FOR = {
    ErrorCode.LOG_IN: CLOSE_LOG_IN,
    ErrorCode.ENDED: CLOSE_ENDED,
    ErrorCode.RATE_LIMITED: CLOSE_FLOOD,
}

log = logging.getLogger(__name__)
Notice = Mapping[str, Any]  # Any: what the channel layer carries.


class RoomConsumer(FromRelay, AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types.
    """One task sends (`outbox`), one does what the person asked (`desk`).

    Receiving never waits for either.
    """

    user: int | None = None
    login = logins.VISITOR

    async def connect(self) -> None:
        self.space: str = self.scope["url_route"]["kwargs"]["public_id"]
        self.hub: RoomHub | None = None
        self.desk: Desk | None = None
        self.is_ready = False
        self.is_released = False
        self.is_continued = False
        self.is_cut = False  # We closed it because the line is bad: the page is expected back.
        self.has_ended = False
        self.rev = 0
        self.reads_captions = False
        self.early: list[tuple[Change, list[str]]] = []
        self.stage: Mapping[str, str] = {}
        self.phase = ""
        self.tasks: list[asyncio.Task[None]] = []
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
        if self.desk is not None:
            # Closed by our wish or theirs it is over; a lost connection comes back, or has done so
            # already.
            if self.outbox.is_closing and not self.is_continued and not self.is_cut:
                await self.desk.media.close("left")
            else:
                self.desk.media.abandon()
            if not self.is_released:
                self.room_hub.note_gone(self.member)
                await presence.release(
                    self.space, self.member, self.channel_name, at_once=not self._is_on_stage
                )
        for task in getattr(self, "tasks", []):
            task.cancel()
        await asyncio.gather(*getattr(self, "tasks", []), return_exceptions=True)

    # --- coming in --------------------------------------------------------------------------------

    async def _enter(self) -> None:
        """Join the hub first and read the room second, so that no change falls between."""
        try:
            async with hubs().door:
                await self._check_quota()
                self.hub = await hubs().join(self.space, self)
                room = await in_thread(service.enter, self.space, self.actor, self._page())
                before = await presence.take(self.space, self.member, self.channel_name)
        except RoomError as error:
            self.turn_away(error)
            return
        except (redis.RedisError, DatabaseError, OSError):
            log.exception("Nobody can enter room %s", self.space)
            self.outbox.close(CLOSE_SLOW)
            return
        if before:
            await self.channel_layer.send(before, {"type": "room.replaced", "page": self._page()})
        if self.user is None:
            await self._count_visitor()
        self.desk = Desk(self, self.channel_name)
        self.show(room)
        self._begin(self.desk.run(), "desk")

    async def _check_quota(self) -> None:
        is_within = (
            await rate_limits.allows("visit", self._address)
            if self.user is None
            else await rate_limits.allows("join", self.space, self.member)
        )
        if not is_within:
            raise RoomError(ErrorCode.RATE_LIMITED)

    def turn_away(self, error: RoomError) -> None:
        self.refuse(None, error.code)
        self.outbox.close(CLOSE_FOR.get(error.code, CLOSE_NOT_AVAILABLE))

    def show(self, room: Room, ref: str | None = None) -> None:
        """Send the room as it is, then what happened since it was read."""
        hub = self.room_hub
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
        await presence.count_visitor(
            self.space, self._address, headers.get(b"user-agent", b"").decode("latin-1")
        )

    # --- from the browser -------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.outbox.is_closing:  # It is on the way out and gets no answer any more.
            return
        now = time.monotonic()
        if not self.pace.allows(now):
            self._on_flood()
            return
        try:
            message = protocol.parse(text_data)
        except protocol.BadMessage as error:
            self.refuse(error.ref, error.code)
            return
        if isinstance(message.body, protocol.Ping):
            await self._on_ping(message, message.body, now)
            return
        if self.desk is not None:
            self.desk.put(message)

    async def _on_ping(self, message: protocol.Message, ping: protocol.Ping, now: float) -> None:
        self.heard_at = now
        if ping.seen is not UNSET:
            self.outbox.on_seen(ping.seen)
        self.answer(message.ref, {"type": "pong", "n": self.outbox.next_pong(), "rev": self.rev})
        if self.is_ready and not self.is_released:
            self.room_hub.note_alive(self.member)

    def _on_flood(self) -> None:
        if self.pace.is_first_over:
            self.refuse(None, ErrorCode.RATE_LIMITED)
        if self.pace.is_hopeless:
            self.outbox.close(CLOSE_FLOOD)

    # --- from the hub -----------------------------------------------------------------------------

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
        if self.desk is not None and self.desk.is_busy:
            self._begin(self.desk.media.close("ended"), "cut")
            return
        self._cut(CLOSE_ENDED, "ended")

    def on_done(self) -> None:
        if self.has_ended:
            self.outbox.close(CLOSE_ENDED)

    def on_left(self) -> None:
        self.stage = {}
        self.outbox.close(CLOSE_LEFT)

    def on_second(self, now: float) -> None:
        """A socket that has not pinged for 15 s is no presence, whatever TCP believes."""
        if now - self.heard_at > LIMITS.gone_after_s + LIMITS.ping_s:
            self.is_cut = True
            self.outbox.close(CLOSE_GONE)

    def on_logged_out(self) -> None:
        self.refuse(None, ErrorCode.LOG_IN)
        self._cut(CLOSE_LOG_IN, "removed")

    def _on_slow(self) -> None:
        log.info("A socket of room %s does not read and is cut", self.space)
        self.is_cut = True
        self.outbox.close(CLOSE_SLOW)

    def _cut(self, code: int, reason: str) -> None:
        """End the media now and the socket after what is queued."""
        if self.desk is not None:
            self._begin(self.desk.media.close(reason), "cut")
        self.outbox.close(code)

    # --- from other sockets -----------------------------------------------------------------------

    async def room_replaced(self, notice: Notice) -> None:
        """The same account has opened the room elsewhere: this tab is silent from now on.

        Unless it is the same page, back before the server noticed that its old socket was dead:
        then its sound goes on until the new connection stands.
        """
        self.is_released = True
        self.is_continued = bool(notice["page"]) and notice["page"] == self._page()
        self.outbox.put(dump({"type": "replaced"}))
        if self.is_continued:
            self.outbox.close(CLOSE_REPLACED)
            return
        self._cut(CLOSE_REPLACED, "replaced")

    # ----------------------------------------------------------------------------------------------

    @property
    def room_hub(self) -> RoomHub:
        assert self.hub is not None, "Nothing is done before the room was entered."
        return self.hub

    @property
    def media(self) -> MediaLink:
        assert self.desk is not None, "No relay answers before the room was entered."
        return self.desk.media

    @property
    def _address(self) -> str:
        return str((self.scope.get("client") or ["", 0])[0])

    @property
    def _is_on_stage(self) -> bool:
        return self.user is not None and str(self.user) in self.stage

    def _begin(self, work: Any, name: str) -> None:  # Any: a coroutine of whatever kind.
        self.tasks = [task for task in self.tasks if not task.done()]
        self.tasks.append(
            asyncio.get_running_loop().create_task(work, name=f"room.{name} {self.space}")
        )

    def answer(self, ref: str | None, answer: dict[str, object]) -> None:
        self.outbox.put(dump({**answer, "ref": ref} if ref is not None else answer))

    def refuse(self, ref: str | None, code: ErrorCode) -> None:
        with translation.override(self.login.language or settings.LANGUAGE_CODE):
            error: dict[str, object] = {
                "type": "error",
                "code": code,
                "message": RoomError(code).text,
            }
        self.answer(ref, error)

    async def _send_text(self, text: str) -> None:
        await self.send(text_data=text)

    async def _close_socket(self, code: int) -> None:
        with suppress(RuntimeError):  # The other side was faster; there is nothing left to close.
            await self.close(code)
