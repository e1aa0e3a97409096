"""What waits to be sent to one socket: bounded, in order, and cut when the reader does not read."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

WAITING_MAX = 512  # Messages; a room in uproar makes about ten a second.
# A busy room makes 10 kB a second, and readers say every 5 s how far they are.
UNREAD_MAX_BYTES = 512 * 1024
# More than are ever under way, a ping coming every 5 s; a client that pings and never says what it
# saw must cost no memory.
PONGS_KEPT = 64


class SendQueue:
    """A queue with one sender task. `on_overflow` is called once, when the reader is too slow.

    The server in front buffers without telling us, so readers also say how far they have read: each
    `pong` has a number and the next `ping` echoes the last one seen. What lies between is unread.
    """

    def __init__(
        self,
        send: Callable[[str], Awaitable[None]],
        close: Callable[[int], Awaitable[None]],
        on_overflow: Callable[[], None],
    ) -> None:
        self._send = send
        self._close = close
        self._on_overflow = on_overflow
        self._waiting: deque[str] = deque()
        self._ready = asyncio.Event()
        self._close_code: int | None = None
        self._is_over = False
        self._sent_bytes = 0
        self.sent = 0  # Messages; a page that has fewer has lost one.
        self._pongs: deque[tuple[int, int]] = deque(maxlen=PONGS_KEPT)
        self._read_bytes = 0
        self._pong = 0

    def put(self, text: str) -> None:
        """Queue a message; nothing is taken any more once the socket is to be closed."""
        if self._is_over or self._close_code is not None:
            return
        if len(self._waiting) >= WAITING_MAX or self.unread_bytes > UNREAD_MAX_BYTES:
            self._is_over = True
            # What was not read is in the snapshot that the client asks for when it is back.
            self._waiting.clear()
            self._on_overflow()
            return
        self._waiting.append(text)
        self._sent_bytes += len(text)
        self.sent += 1
        self._ready.set()

    def close(self, code: int) -> None:
        """Close the socket after what already waits. The first code wins."""
        if self._close_code is None:
            self._close_code = code
            self._ready.set()

    @property
    def is_closing(self) -> bool:
        """True once we close the socket, rather than it being lost."""
        return self._close_code is not None

    def next_pong(self) -> int:
        """Return the number of the next `pong` and remember how much lies before it."""
        self._pong += 1
        self._pongs.append((self._pong, self._sent_bytes))
        return self._pong

    def on_seen(self, pong: int) -> None:
        """The reader has read up to this `pong`."""
        while self._pongs and self._pongs[0][0] <= pong:
            self._read_bytes = self._pongs.popleft()[1]

    @property
    def unread_bytes(self) -> int:
        """Bytes sent since what the client said it read; all of them if it never says."""
        return self._sent_bytes - self._read_bytes

    async def run(self) -> None:
        """Send until closed. One task owns this."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            while self._waiting:
                await self._send(self._waiting.popleft())
            if self._close_code is not None:
                with suppress(RuntimeError):  # The client was faster: nothing is left to close.
                    await self._close(int(self._close_code))  # Autobahn takes no subclass of int.
                return
