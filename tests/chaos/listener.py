"""A visitor without a browser: the room's WebSocket and a light peer, coming back by themselves
when either dies.
"""

import asyncio
import contextlib
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import aiohttp

from tests.bench.crowd import SO_TIMESTAMPNS, arrival_ns
from tests.bench.peer import Identity, Peer
from tests.bench.sdp import Offer, read_offer
from tests.chaos.sound import Heard, Sound

RETRIES_S = (0.5, 1.0, 2.0, 4.0, 5.0)  # As PROTOCOL.md asks of every client.
CHECK_S = 0.5
# So many checks without an answer: the relay is gone, ask for another connection, as a browser does
# after about eight seconds. Checks, and not seconds: on a busy machine the asking may be late.
DEAF_CHECKS = 16
CONNECT_S = 10.0
# An offer that does not come: longer than the web looks for a relay that makes one.
OFFER_S = 10.0
REFUSED_S = 1.0
ASKED = "media"
ANCILLARY_BYTES = 64
Message = dict[str, Any]  # Any: JSON of spaces/PROTOCOL.md.


class StampedPeer(Peer):
    """Knows when the kernel had the packet that it reads: we may be late, the sound is not."""

    def __init__(self, identity: Identity, offer: Offer) -> None:
        super().__init__(identity, offer)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.arrived_at = 0.0  # Monotonic.

    def _on_readable(self) -> None:
        for _ in range(64):
            try:
                datagram, ancillary, _flags, _from = self.socket.recvmsg(2048, ANCILLARY_BYTES)
            except (BlockingIOError, ConnectionRefusedError):
                return
            waited_s = (time.time_ns() - arrival_ns(ancillary)) / 1e9  # The kernel has wall time.
            self.arrived_at = time.monotonic() - waited_s
            if datagram:
                self.receive(datagram)


class Listener:
    """One listener, and the `sound` that came."""

    def __init__(self, site: str, space: str, identity: Identity) -> None:
        self.site = site
        self.space = space
        self.identity = identity
        self.sound = Sound()
        self.peer: StampedPeer | None = None
        self._peer_id = ""
        self._unanswered = 0
        self._ask_at = 0.0  # Monotonic.
        self._connecting: asyncio.Task[None] | None = None
        self._tasks = [
            asyncio.create_task(self._live(), name="listener"),
            asyncio.create_task(self._check(), name="listener's checks"),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def hears(self) -> bool:
        """Raises what ended one of our own tasks: that is no fault of the site."""
        for task in self._tasks:
            if task.done():
                task.result()
        return time.monotonic() - self.sound.last_at < 0.5

    @property
    def trouble(self) -> str:
        """Why it does not hear; "" while it does."""
        if self.hears:
            return ""
        if self.peer is None:
            return "no connection"
        return "connected, nothing comes" if self.peer.secure else "connecting"

    # --- the socket -------------------------------------------------------------------------------

    async def _live(self) -> None:
        attempt = 0
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                    async with session.ws_connect(self._url, origin=self.site) as socket:
                        attempt = 0
                        await self._stay(socket)
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
        elif kind == "error" and message.get("ref") == ASKED:
            self._ask_at = time.monotonic() + REFUSED_S
        elif kind == "media.closed" and message.get("peer") == self._peer_id:
            await self._drop()

    async def _watch(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Ping the room, and ask for a connection whenever there is none that answers."""
        pinged_at = self._ask_at = 0.0
        while True:
            now = time.monotonic()
            if now - pinged_at > 5:
                pinged_at = now
                await socket.send_json({"type": "ping"})
            if self._unanswered > DEAF_CHECKS:
                await self._drop()
            if self.peer is None and now > self._ask_at:
                self._ask_at = now + OFFER_S
                await socket.send_json({"type": "media.connect", "ref": ASKED})
            await asyncio.sleep(CHECK_S)

    async def _check(self) -> None:
        """Check the path for ever, as a browser does whatever becomes of the page's socket."""
        while True:
            if self.peer is not None and self.peer.secure:
                self._unanswered += 1
                self.peer.check()
            await asyncio.sleep(CHECK_S)

    # --- the sound --------------------------------------------------------------------------------

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, offer: Message) -> None:
        await self._drop()
        peer = self.peer = StampedPeer(self.identity, read_offer(offer["sdp"]))
        self._peer_id = offer["peer"]
        peer.on_rtp = self._hear
        peer.on_check = self._checked
        await socket.send_json({"type": "media.answer", "peer": offer["peer"], "sdp": peer.answer})
        # Not here: what the room says meanwhile, such as that this one is closed, must be read.
        self._connecting = asyncio.create_task(self._connect(peer), name="listener's connection")

    async def _connect(self, peer: StampedPeer) -> None:
        try:
            await peer.connect(CONNECT_S)
        except TimeoutError:
            if self.peer is peer:
                self._connecting = None  # It is this task.
                await self._drop()

    async def _drop(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
            self._connecting = None
        if self.peer is not None:
            await self.peer.close()
        self.peer, self._unanswered, self._ask_at = None, 0, 0.0

    def _hear(self, packet: bytes) -> None:
        if self.peer is not None:
            self.sound.add(self.peer.arrived_at, packet)

    def _checked(self) -> None:
        self._unanswered = 0


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

    def troubles(self) -> dict[str, int]:
        """Return how many do not hear, by why."""
        return dict(Counter(one.trouble for one in self.listeners if one.trouble))

    def heard(self, since: float, until: float) -> Heard:
        """Return what all heard between two monotonic seconds."""
        return Heard.of([listener.sound for listener in self.listeners], since, until)

    def close(self) -> None:
        self.do(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _gather(self, site: str, space: str, count: int) -> None:
        identity = Identity()
        self.listeners = [Listener(site, space, identity) for _ in range(count)]

    async def _leave(self) -> None:
        await asyncio.gather(*(listener.close() for listener in self.listeners))
