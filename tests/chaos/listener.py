"""A visitor without a browser: the room's WebSocket and a light peer, coming back by themselves
when either dies.
"""

import asyncio
import contextlib
import itertools
import random
import threading
import time
from collections.abc import Coroutine
from typing import Any

import aiohttp

from tests.bench.peer import CONSENT_S, Identity, Peer
from tests.bench.sdp import read_offer

RETRIES_S = (0.5, 1.0, 2.0, 4.0, 5.0)  # As PROTOCOL.md asks of every client.
DEAF_S = 2.0  # No answer to checks for so long: the relay is gone, ask for another connection.
CHECK_S = 0.5
ASK_AGAIN_S = 1.0
Message = dict[str, Any]  # Any: JSON of spaces/PROTOCOL.md.


class Listener:
    """One listener. `arrivals` is when sound came, `gap_since` the longest pause in it."""

    def __init__(self, site: str, space: str, identity: Identity) -> None:
        self.site = site
        self.space = space
        self.identity = identity
        self.arrivals: list[float] = []
        self.media_connects = 0
        self.socket_closes = 0
        self.peer: Peer | None = None
        self._peer_id = ""
        self._answered_at = 0.0
        self._tasks = [
            asyncio.create_task(self._live(), name="listener"),
            asyncio.create_task(self._check(), name="listener's checks"),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def gap_since(self, moment: float) -> float:
        """Return the longest time without sound after `moment`, in seconds; up to now if it has not
        come back.
        """
        times = [
            moment,
            *(arrival for arrival in self.arrivals if arrival >= moment),
            time.monotonic(),
        ]
        return max(later - earlier for earlier, later in itertools.pairwise(times))

    @property
    def hears(self) -> bool:
        return bool(self.arrivals) and time.monotonic() - self.arrivals[-1] < 0.5

    # --- the socket -------------------------------------------------------------------------------

    async def _live(self) -> None:
        attempt = 0
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                    async with session.ws_connect(self._url, origin=self.site) as socket:
                        attempt = 0
                        await self._stay(socket)
                self.socket_closes += 1
                wait_s = RETRIES_S[min(attempt, len(RETRIES_S) - 1)]
                attempt += 1
                await asyncio.sleep(wait_s * random.uniform(0.8, 1.2))

    @property
    def _url(self) -> str:
        return f"{self.site.replace('http', 'ws', 1)}/ws/spaces/{self.space}/"

    async def _stay(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Listen to one socket until it closes.

        Sound that still flows is kept over a change of sockets.
        """
        watch = asyncio.create_task(self._watch(socket), name="listener's watch")
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    await self._take(socket, frame.json())
        finally:
            watch.cancel()

    async def _take(self, socket: aiohttp.ClientWebSocketResponse, message: Message) -> None:
        kind = message["type"]
        if kind == "media.offer":
            await self._answer(socket, message)
        elif kind == "media.closed" and message.get("peer") == self._peer_id:
            await self._drop()

    async def _watch(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Ping the room, and ask for a connection whenever there is none that answers."""
        pinged_at = asked_at = 0.0
        while True:
            now = time.monotonic()
            if now - pinged_at > 5:
                pinged_at = now
                await socket.send_json({"type": "ping"})
            if self.peer is not None and now - self._answered_at > DEAF_S:
                await self._drop()
            if self.peer is None and now - asked_at > ASK_AGAIN_S:
                asked_at = now
                await socket.send_json({"type": "media.connect"})
            await asyncio.sleep(CHECK_S)

    async def _check(self) -> None:
        """Check the path for ever, as a browser does whatever becomes of the page's socket."""
        while True:
            if self.peer is not None and self.peer.secure:
                self.peer.check()
            await asyncio.sleep(CHECK_S)

    # --- the sound --------------------------------------------------------------------------------

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, offer: Message) -> None:
        await self._drop()
        peer = self.peer = Peer(self.identity, read_offer(offer["sdp"]))
        self._peer_id, self._answered_at = offer["peer"], time.monotonic()
        peer.on_rtp = self._hear
        peer.on_check = self._checked
        await socket.send_json({"type": "media.answer", "peer": offer["peer"], "sdp": peer.answer})
        with contextlib.suppress(TimeoutError):
            await peer.connect(CONSENT_S)
            self.media_connects += 1

    async def _drop(self) -> None:
        if self.peer is not None:
            await self.peer.close()
        self.peer = None

    def _hear(self, packet: bytes) -> None:
        self.arrivals.append(time.monotonic())

    def _checked(self) -> None:
        self._answered_at = time.monotonic()


class Audience:
    """Listeners by the hundred in an event loop of their own thread, as Playwright's loop cannot be
    shared.
    """

    def __init__(self, site: str, space: str, count: int) -> None:
        self.listeners: list[Listener] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="audience", daemon=True)
        self._thread.start()
        self.do(self._gather(site, space, count))

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the audience's thread and wait for its end."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def all_hear(self) -> bool:
        return all(listener.hears for listener in self.listeners)

    def gaps_since(self, moment: float) -> list[float]:
        return [listener.gap_since(moment) for listener in self.listeners]

    def close(self) -> None:
        self.do(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _gather(self, site: str, space: str, count: int) -> None:
        identity = Identity()
        self.listeners = [Listener(site, space, identity) for _ in range(count)]

    async def _leave(self) -> None:
        await asyncio.gather(*(listener.close() for listener in self.listeners))
