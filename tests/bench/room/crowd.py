"""Listeners by the thousand: they join, ping as a page does, and note when what came."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence

from tests.bench.room.wire import WebSocket
from tests.stack.waiting import until

PING_EVERY_S = 5.0
PING_STEP_S = 0.05  # Pings are spread over the interval, as people's are.
JOINS_AT_ONCE = 32
JOIN_TIMEOUT_S = 60.0
KIND_AT = len(b'{"type":"')
PONG_NUMBER = re.compile(rb'"n":(\d+)')


class Address:
    """Where the listeners connect: a server on this machine, and the page they say they are from."""

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.path = path

    def headers(self, cookie: str) -> dict[str, str]:
        headers = {"Host": f"localhost:{self.port}", "Origin": f"http://localhost:{self.port}"}
        return {**headers, "Cookie": f"parley_session={cookie}"} if cookie else headers


class Listener:
    """One socket.

    `arrivals` are the times of the messages of the watched kind, `counts` what came in all.
    """

    watched = b""

    def __init__(self, address: Address, cookie: str = "") -> None:
        self.address = address
        self.socket = WebSocket(address.path, address.headers(cookie), self._on_text)
        self.has_account = bool(cookie)
        self.arrivals: list[float] = []
        self.counts: Counter[bytes] = Counter()
        self.last = b""
        self.seen = 0

    async def join(self) -> None:
        """Open the socket. Raises ConnectionError if the server does not want it."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self.socket, "127.0.0.1", self.address.port)
        await asyncio.wait_for(self.socket.opened, JOIN_TIMEOUT_S)

    def require_open(self) -> None:
        """Raise ConnectionError if the server has closed the socket."""
        if not self.socket.is_open:
            raise ConnectionError(
                f"The server closed with {self.socket.close_code} after {dict(self.counts)}."
            )

    def ping(self) -> None:
        self.socket.send(
            f'{{"type":"ping","seen":{self.seen}}}' if self.seen else '{"type":"ping"}'
        )

    def _on_text(self, text: bytes) -> None:
        kind = text[KIND_AT : text.index(b'"', KIND_AT)]
        self.counts[kind] += 1
        if kind == self.watched:
            self.arrivals.append(time.monotonic())
            self.last = text
        elif kind == b"pong" and (found := PONG_NUMBER.search(text)):
            self.seen = int(found[1])


class Crowd:
    """All listeners of one server, and the task that pings for them."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.listeners: list[Listener] = []
        self._pings = asyncio.create_task(self._ping_for_ever(), name="pings")

    async def join(self, cookies: Sequence[str], first: bytes = b"") -> list[Listener]:
        """Let one listener in for each cookie ("" is a visitor); return when all have the message
        of kind `first`.
        """
        new = [Listener(self.address, cookie) for cookie in cookies]
        door = asyncio.Semaphore(JOINS_AT_ONCE)

        async def enter(listener: Listener) -> None:
            async with door:
                await listener.join()
                if first:
                    await until(
                        lambda: listener.counts[first] or not listener.socket.is_open,
                        "it is in",
                        JOIN_TIMEOUT_S,
                    )
                    listener.require_open()
            self.listeners.append(listener)

        await asyncio.gather(*(enter(listener) for listener in new))
        return new

    def watch(self, kind: bytes) -> None:
        """Note from now on when messages of this kind come."""
        Listener.watched = kind
        for listener in self.listeners:
            listener.arrivals.clear()

    def have(self, count: int) -> bool:
        """Return whether everybody has so many of the watched kind."""
        return all(len(listener.arrivals) >= count for listener in self.listeners)

    def total(self, kind: bytes) -> int:
        return sum(listener.counts[kind] for listener in self.listeners)

    @property
    def lost(self) -> int:
        return sum(not listener.socket.is_open for listener in self.listeners)

    async def close(self) -> None:
        self._pings.cancel()
        await asyncio.gather(self._pings, return_exceptions=True)
        for listener in self.listeners:
            listener.socket.abort()
        await asyncio.sleep(0)

    async def _ping_for_ever(self) -> None:
        rounds = int(PING_EVERY_S / PING_STEP_S)
        turn = 0
        while True:
            for listener in self.listeners[turn % rounds :: rounds]:
                listener.ping()
            turn += 1
            await asyncio.sleep(PING_STEP_S)
