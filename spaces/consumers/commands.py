"""Where one socket's messages wait and are done, one after the other, so that receiving never
waits for any of them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from config import missing_parts
from spaces.protocol import ClientMessage
from spaces.rooms.errors import ErrorCode, RoomError

WAITING_MAX = 64  # The message rate of a socket lets in 20 a second.
log = logging.getLogger(__name__)


class CommandQueue:
    """`handle` does one message and raises RoomError to refuse it; `on_done` is called after each.

    `is_busy` while one is being done: what ends the room lets its answer out first.
    """

    def __init__(
        self,
        handle: Callable[[ClientMessage], Awaitable[None]],
        refuse: Callable[[str | None, ErrorCode], None],
        on_done: Callable[[], None],
    ) -> None:
        self._handle = handle
        self._refuse = refuse
        self._on_done = on_done
        self._waiting: asyncio.Queue[ClientMessage] = asyncio.Queue(WAITING_MAX)
        self.is_busy = False

    def put(self, message: ClientMessage) -> None:
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            # An answer all the same: a page would wait for one with its `ref`.
            self._refuse(message.ref, ErrorCode.RATE_LIMITED)

    async def run(self) -> None:
        """Work until cancelled. One task owns this."""
        while True:
            message = await self._waiting.get()
            self.is_busy = True
            try:
                await self._handle(message)
            except RoomError as error:
                self._refuse(message.ref, error.code)
            except Exception as error:
                # One command that fails must not take the socket's other commands with it.
                if missing_parts.of(error):
                    log.warning("%s has to wait: %r", message.type, error)
                    self._refuse(message.ref, ErrorCode.UNAVAILABLE)
                else:
                    log.exception("%s failed", message.type)
                    self._refuse(message.ref, ErrorCode.FAILED)
            # Before `on_done`, which may close the socket only when no answer is still to come.
            self.is_busy = False
            self._on_done()
