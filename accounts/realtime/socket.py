"""What every socket of the site does: find out the login, accept the client, send in order, bound
what comes in, and end its tasks.
"""

import asyncio
import logging
import time
from abc import abstractmethod
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from enum import IntEnum
from typing import ClassVar

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from msgspec import UNSET, UnsetType

from accounts.realtime import login as logins
from accounts.realtime import open_sockets
from accounts.realtime.message_rate import MessageRate
from accounts.realtime.send_queue import SendQueue
from accounts.realtime.threads import in_thread
from accounts.realtime.wire import ServerMessage, encode
from config.http import client_address
from config.http.rate_limits import network_of
from config.limits import LIMITS

log = logging.getLogger(__name__)


class CloseCode(IntEnum):
    """Why the server closes a socket; the PROTOCOL files say what the page does then.

    Daphne's Autobahn takes 1000 and 3000 to 4999 alone: with any other code the socket would stay
    open for ever.
    """

    NORMAL = 1000
    LOG_IN = 4401
    NOT_AVAILABLE = 4403
    NOWHERE = 4404
    REPLACED = 4408
    ENDED = 4410
    GONE = 4411
    SLOW = 4413
    FLOOD = 4429


class Socket(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types.
    """One task sends what is queued; receiving never waits for it."""

    task_prefix: ClassVar[str]  # Of the names of its tasks.

    def __init__(self) -> None:
        super().__init__()
        self.login = logins.VISITOR
        self._network: str | None = None  # Once it is counted.
        self.tasks: list[asyncio.Task[None]] = []
        self.heard_at = time.monotonic()
        self.send_queue = SendQueue(self.send, self.close, self.on_slow)
        self._message_rate = MessageRate(LIMITS.socket_messages_per_s, self.heard_at)

    async def dispatch(self, message: Mapping[str, object]) -> None:
        """Take in what Channels brings. A fault of ours ends the socket with a code, and the page
        comes back.
        """
        try:
            await super().dispatch(message)
        except StopConsumer:
            raise
        except Exception:
            # Channels would end the consumer, and Daphne close with 1011, which its Autobahn does
            # not take: the socket would stay open and hear nothing for ever.
            log.exception("%s failed at %s", message.get("type"), self.scope["path"])
            await self._close_at_once()

    async def _close_at_once(self) -> None:
        with suppress(RuntimeError):  # The client was faster: nothing is left to close.
            await self.close(int(CloseCode.SLOW))

    async def connect(self) -> None:
        network = network_of(client_address.of_socket(self.scope))
        # Before the database is asked. Without `accept` the handshake is answered with 403.
        if not open_sockets.of_this_process().may_come(network, time.monotonic()):
            await self.close()
            return
        try:
            self.login = await in_thread(logins.identify, self.scope)
        except logins.Refused:
            await self.close()
            return
        if not open_sockets.of_this_process().has_place(self.login.user):
            await self.close()
            return
        self._network = network
        open_sockets.of_this_process().opened(network, self.login.user)
        await self.accept()
        # Before `on_accepted`: whom that turns away is sent an error and a close code.
        self.begin(self.send_queue.run(), "send")
        await self.on_accepted()

    async def disconnect(self, code: int) -> None:
        """Channels calls this also for a handshake that was refused, before anything was begun."""
        if self._network is not None:
            open_sockets.of_this_process().closed(self._network, self.login.user)
            self._network = None
        await self.on_gone()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.send_queue.is_closing:  # On the way out it gets no answer any more.
            return
        now = time.monotonic()
        if self._message_rate.allows(now):
            self.on_text(text_data, now)
            return
        if self._message_rate.is_first_over:
            self.on_rate_limited()
        if self._message_rate.is_hopeless:
            self.on_flood()

    # --- what each kind of socket does its own way ------------------------------------------------

    @abstractmethod
    async def on_accepted(self) -> None:
        """Begin what this kind of socket is for, or close with a code."""

    @abstractmethod
    async def on_gone(self) -> None:
        """Take back what `on_accepted` began. Called for every socket, also a refused one."""

    @abstractmethod
    def on_text(self, text: str | None, now: float) -> None:
        """Take in a message; None is a binary frame. `now` is monotonic seconds."""

    @abstractmethod
    def on_rate_limited(self) -> None:
        """Tell the client that it sends too fast, once a burst."""

    def on_flood(self) -> None:
        """The client goes on over the limit."""
        self.send_queue.close(CloseCode.FLOOD)

    def on_logged_out(self) -> None:
        """The login holds no more: logged out, suspended, another password."""
        self.send_queue.close(CloseCode.LOG_IN)

    def on_factor_gone(self) -> None:
        """The account has lost the second factor that the login passed: no staff's powers now."""
        self.login = replace(self.login, proof=None)

    def on_slow(self) -> None:
        """The client does not read what it is sent."""
        log.info("A socket of %s does not read and is cut", self.scope["path"])
        self.send_queue.close(CloseCode.SLOW)

    # --- for them ---------------------------------------------------------------------------------

    def push(self, message: ServerMessage) -> None:
        self.send_queue.put(encode(message))

    def count_ping(self, seen: int | UnsetType) -> int:
        """Note how far the client has read; return the number of the `pong`."""
        if seen is not UNSET:
            self.send_queue.on_seen(seen)
        return self.send_queue.next_pong()

    def begin(self, work: Coroutine[object, object, None], name: str) -> None:
        """Run `work` as a task of this socket, which ends with it."""
        # A socket may live for hours and begin a task for each cut of its media.
        self.tasks = [task for task in self.tasks if not task.done()]
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._do(work), name=f"{self.task_prefix}.{name}")
        self.tasks.append(task)

    async def _do(self, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except Exception:
            # Without its task the socket would be open and, say, send nothing any more.
            log.exception("A task of a socket at %s failed", self.scope["path"])
            await self._close_at_once()
