"""The socket of one tab of somebody who is logged in: numbers at the tabs, and news for the page
that is open.

It translates and decides nothing. What it says are hints (`accounts.realtime.page_hints`); what it
hears is a ping and the few messages that other apps registered.
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import redis
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from accounts.models import User
from accounts.realtime import login as logins
from accounts.realtime import page_hints
from accounts.realtime.message_rate import Pace
from accounts.realtime.send_queue import Outbox
from accounts.realtime.session_watch import watch
from accounts.realtime.threads import in_thread
from config.limits import LIMITS

# As the room's socket (spaces/PROTOCOL.md).
CLOSE_LOG_IN, CLOSE_FLOOD, CLOSE_SLOW = 4401, 4429, 4413
MESSAGE_BYTES = 4096  # A page says little here; what people write goes by HTTP.
GATHER_S = 0.2  # A post that is liked by a hundred people at once is counted once.
HEARD_MAX = 32

log = logging.getLogger(__name__)
Notice = Mapping[str, Any]  # Any: what the channel layer carries.


class PersonConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types.
    """One task sends, one counts, one does what the page said; receiving waits for none of them."""

    login = logins.VISITOR

    async def connect(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.group = ""
        self.outbox = Outbox(self._send_text, self._close_socket, self._on_slow)
        self.pace = Pace(LIMITS.socket_messages_per_s, time.monotonic())
        self.heard: asyncio.Queue[dict[str, object]] = asyncio.Queue(HEARD_MAX)
        self.stale = set(page_hints.counters())
        self.is_stale = asyncio.Event()
        self.told: dict[str, int] = {}
        try:
            self.login = await in_thread(logins.identify, self.scope)
        except logins.Refused:
            await self.close()
            return
        await self.accept()
        self._begin(self.outbox.run(), "outbox")
        code = await self._enter()
        if code:
            self.outbox.close(code)

    async def _enter(self) -> int:
        """Join the person's group; return a close code if that must not be."""
        if self.login.user is None:
            return CLOSE_LOG_IN
        if watch().count_of(self.login.user) >= LIMITS.person_sockets:
            return CLOSE_FLOOD
        # Before the first await: two tabs that open at once must not both take the last place.
        watch().add(self)
        try:
            self.group = page_hints.group_of(self.login.user)
            await self.channel_layer.group_add(self.group, self.channel_name)
        except (redis.RedisError, OSError):
            log.exception("Nobody can be told anything")
            return CLOSE_SLOW
        self.is_stale.set()
        self._begin(self._count(), "count")
        self._begin(self._listen(), "listen")
        return 0

    async def disconnect(self, code: int) -> None:
        watch().discard(self)
        # Channels may call this for a handshake that was refused.
        tasks = getattr(self, "tasks", [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if getattr(self, "group", ""):
            with suppress(redis.RedisError, OSError):
                await self.channel_layer.group_discard(self.group, self.channel_name)

    # --- from the page ----------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.pace.allows(time.monotonic()):
            self._on_flood()
            return
        message = _parse(text_data)
        if message is None:
            self._refuse("bad_message")
        elif message.get("type") == "ping":
            self._on_ping(message.get("seen"))
        elif page_hints.hearer_of(message.get("type")) is None:
            self._refuse("unknown_type")
        else:
            with suppress(asyncio.QueueFull):  # A hint of a page that says more than can be heard.
                self.heard.put_nowait(message)

    def _on_ping(self, seen: object) -> None:
        if isinstance(seen, int):
            self.outbox.on_seen(seen)
        self.outbox.put(json.dumps({"type": "pong", "n": self.outbox.next_pong()}))

    def _on_flood(self) -> None:
        if self.pace.is_first_over:
            self._refuse("rate_limited")
        if self.pace.is_hopeless:
            self.outbox.close(CLOSE_FLOOD)

    async def _listen(self) -> None:
        while True:
            message = await self.heard.get()
            try:
                await in_thread(_hear, self.login.user, message)
            except (DatabaseError, redis.RedisError, OSError) as error:
                log.warning("What a page said was lost: %s", error)

    # --- from the site ----------------------------------------------------------------------------

    async def live_text(self, notice: Notice) -> None:
        self.outbox.put(notice["text"])

    async def live_recount(self, notice: Notice) -> None:
        self.stale.add(notice["name"])
        self.is_stale.set()

    async def _count(self) -> None:
        while True:
            await self.is_stale.wait()
            self.is_stale.clear()
            names, self.stale = self.stale, set()
            try:
                found = await in_thread(_counts, self.login.user, names)
            except DatabaseError as error:
                log.warning("Nothing was counted: %s", error)
                found = {}
            for name, number in found.items():
                if self.told.get(name) != number:
                    self.outbox.put(json.dumps({"type": name, "unread": number}))
            self.told |= found
            await asyncio.sleep(GATHER_S)

    def on_logged_out(self) -> None:
        self.outbox.close(CLOSE_LOG_IN)

    def _on_slow(self) -> None:
        log.info("A person's socket does not read and is cut")
        self.outbox.close(CLOSE_SLOW)

    # ----------------------------------------------------------------------------------------------

    def _begin(self, work: Any, name: str) -> None:  # Any: a coroutine of whatever kind.
        self.tasks.append(asyncio.get_running_loop().create_task(work, name=f"person.{name}"))

    def _refuse(self, code: str) -> None:
        self.outbox.put(json.dumps({"type": "error", "code": code}))

    async def _send_text(self, text: str) -> None:
        await self.send(text_data=text)

    async def _close_socket(self, code: int) -> None:
        with suppress(RuntimeError):  # The other side was faster; there is nothing left to close.
            await self.close(code)


def _parse(text: str | None) -> dict[str, object] | None:
    if text is None or len(text) > MESSAGE_BYTES:
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _counts(user_id: int | None, names: set[str]) -> dict[str, int]:
    person = User.objects.filter(pk=user_id).first()
    known = [name for name in page_hints.counters() if name in names]
    return {name: page_hints.count_of(person, name) for name in known} if person else {}


def _hear(user_id: int | None, message: dict[str, object]) -> None:
    hearer = page_hints.hearer_of(message.pop("type"))
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if hearer and person:
        hearer(person, message)
