"""The socket of one tab of a user who is logged in: numbers at the tabs, and hints for the page
that is open.

It translates and decides nothing. What it says are hints (`accounts.realtime.page_hints`); what it
hears is a ping and the few messages that other apps registered.
"""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Literal

import msgspec
import redis
from django.db import DatabaseError

from accounts.realtime import page_hints
from accounts.realtime.lost_hints import RECENT, NewsOfPerson, hint_look
from accounts.realtime.messages import (
    UNREAD,
    FromPage,
    PagePing,
    PersonError,
    PersonPong,
    SentCount,
    parse,
)
from accounts.realtime.news import CountedFrom
from accounts.realtime.page_hints import HintRecount, HintText
from accounts.realtime.session_watch import watch
from accounts.realtime.socket import CloseCode, Socket
from accounts.realtime.threads import in_thread
from accounts.realtime.wire import encode
from config.http.server_time import now_ms
from config.limits import LIMITS

MESSAGE_CHARS = 4096  # A page says little here; what people write goes by HTTP.
GATHER_S = 0.2  # A post that is liked by a hundred people at once is counted once.
COUNT_AFTER_S = 2.0  # What came in a burst is counted once.
UNHEARD_MAX = 32  # Messages; the rate of a socket lets in 20 a second.

log = logging.getLogger(__name__)


class PersonConsumer(Socket):
    """Beside the task that sends, one counts and one does what the page said."""

    task_prefix = "person"

    def __init__(self) -> None:
        super().__init__()
        self._group = ""
        self._unheard: asyncio.Queue[FromPage] = asyncio.Queue(UNHEARD_MAX)
        self._stale = set(page_hints.counters())
        self._is_stale = asyncio.Event()
        self._told: dict[str, int] = {}
        self._count_due: asyncio.TimerHandle | None = None
        # Hints as they came, by the monotonic second, and what was missing at the look before.
        self._heard: dict[str, float] = {}
        self._missing: set[str] = set()
        self._counted_from: set[CountedFrom] = set()

    async def on_accepted(self) -> None:
        """Join the person's group."""
        if self.login.user is None:
            # Accepted only for this: a refused handshake shows the page no close code.
            self.send_queue.close(CloseCode.LOG_IN)
            return
        if watch().count_of(self.login.user) >= LIMITS.person_sockets:
            self.send_queue.close(CloseCode.FLOOD)
            return
        # Before the first await: two tabs that open at once must not both take the last place.
        watch().add(self)
        try:
            self._group = page_hints.group_of(self.login.user)
            await self.channel_layer.group_add(self._group, self.channel_name)
        except (redis.RedisError, OSError):
            log.exception("A page cannot join the group of its person")
            self.send_queue.close(CloseCode.SLOW)
            return
        # Once the group is joined: what changes from here on is heard, so no number stays old.
        self._is_stale.set()
        self.begin(self._count(), "count")
        self.begin(self._hear(), "hear")
        hint_look().add(self)

    async def on_gone(self) -> None:
        watch().discard(self)
        hint_look().discard(self)
        if self._count_due is not None:
            self._count_due.cancel()
        # A client that was turned away has joined no group.
        if self._group:
            with suppress(redis.RedisError, OSError):
                await self.channel_layer.group_discard(self._group, self.channel_name)

    # --- from the page ----------------------------------------------------------------------------

    def on_text(self, text: str | None, now: float) -> None:
        if text is None or len(text) > MESSAGE_CHARS:
            self._refuse("bad_message")
            return
        try:
            message = parse(text)
        except ValueError:  # Also msgspec's own.
            self._refuse("bad_message")
            return
        if message is None:
            self._refuse("unknown_type")
        elif isinstance(message, PagePing):
            self.push(PersonPong(self.count_ping(message.seen), now_ms()))
        else:
            with suppress(asyncio.QueueFull):  # A page that says more than can be heard.
                self._unheard.put_nowait(message)

    def on_rate_limited(self) -> None:
        self._refuse("rate_limited")

    async def _hear(self) -> None:
        while True:
            message = await self._unheard.get()
            try:
                await in_thread(page_hints.handle, self.login.user, message)
            except (DatabaseError, redis.RedisError, OSError) as error:
                # The task goes on: it has to do everything that this page will still say.
                log.warning("What a page said was lost: %s", error)

    # --- from the site ----------------------------------------------------------------------------

    async def hint_text(self, event: object) -> None:
        self._tell(msgspec.convert(event, HintText).text)

    async def hint_recount(self, event: object) -> None:
        self._stale.add(msgspec.convert(event, HintRecount).name)
        self._is_stale.set()

    async def _count(self) -> None:
        while True:
            await self._is_stale.wait()
            # Cleared before counting: what changes meanwhile is counted in the next round.
            self._is_stale.clear()
            names = self._stale
            self._stale = set()
            try:
                found = await in_thread(page_hints.counts_of, self.login.user, names)
            except DatabaseError as error:
                log.warning("Nothing was counted: %s", error)
                found = {}
            for name, number in found.items():
                if self._told.get(name) != number:
                    self._tell(encode(UNREAD[name](number)))
            self._told |= found
            # After sending, so that a first change is told at once and only those behind it wait.
            await asyncio.sleep(GATHER_S)

    def on_news(self, news: NewsOfPerson) -> None:
        """Take in what the database says that this page should have heard (`lost_hints`)."""
        counted_from = {one for one in news if isinstance(one, CountedFrom)}
        self._stale |= {one.name for one in counted_from - self._counted_from}
        self._counted_from = counted_from
        if self._stale:
            self._is_stale.set()
        hints = {encode(one) for one in news if not isinstance(one, CountedFrom)}
        # Of what is new with this look the hint may still be on its way.
        for text in sorted(hints & self._missing):
            if text not in self._heard:
                self._tell(text)
        self._missing = hints - self._heard.keys()
        oldest = time.monotonic() - 2 * RECENT.total_seconds()
        self._heard = {text: at for text, at in self._heard.items() if at > oldest}

    def _tell(self, text: str) -> None:
        self._heard[text] = time.monotonic()
        self.send_queue.put(text)
        if self._count_due is None:
            loop = asyncio.get_running_loop()
            self._count_due = loop.call_later(COUNT_AFTER_S, self._say_count)

    def _say_count(self) -> None:
        """Let the page see whether it has got everything."""
        self._count_due = None
        self.push(SentCount(self.send_queue.sent))

    def _refuse(self, code: Literal["bad_message", "unknown_type", "rate_limited"]) -> None:
        self.push(PersonError(code))
