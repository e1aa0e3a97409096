"""A bad network between clients and the relay: a seeded UDP proxy on 127.0.0.1 that loses, delays
and reorders.
"""

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

Address = tuple[str, int]
MAX_CLIENTS = 256


@dataclass(frozen=True)
class Line:
    """One direction.

    `loss` is a share; a packet waits `delay_ms` plus up to `jitter_ms`, so packets may overtake.
    """

    loss: float = 0.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0


@dataclass
class Tally:
    """What became of the packets of one direction."""

    passed: int = 0
    lost: int = 0


@dataclass
class Shaper:
    """Stands at `address` in the relay's place. Each client gets its own socket towards the relay,
    as behind a NAT.

    `down` (relay to client) and `up` may be replaced while it runs; the same seed loses the same
    packets again.
    """

    relay: Address
    down: Line = Line()
    up: Line = Line()
    seed: int = 1
    address: Address = ("", 0)
    tally_down: Tally = field(default_factory=Tally)
    tally_up: Tally = field(default_factory=Tally)

    async def start(self) -> "Shaper":
        self._random = random.Random(self.seed)
        self._loop = asyncio.get_running_loop()
        self._clients: dict[Address, asyncio.DatagramTransport] = {}
        self._front, _ = await self._loop.create_datagram_endpoint(
            lambda: _Front(self), local_addr=("127.0.0.1", 0)
        )
        self.address = self._front.get_extra_info("sockname")[:2]
        return self

    def close(self) -> None:
        self._front.close()
        for transport in self._clients.values():
            transport.close()

    def reroute(self, sdp: str) -> str:
        """Return the relay's offer with this proxy as its only candidate's address."""
        host, port = self.address
        return re.sub(
            r"(?m)^(a=candidate:\S+ \d+ udp \d+ )\S+ \d+( typ host)",
            rf"\g<1>{host} {port}\2",
            sdp,
            flags=re.IGNORECASE,
        )

    async def from_client(self, datagram: bytes, client: Address) -> None:
        """Carry a datagram towards the relay."""
        back = self._clients.get(client)
        if back is None and len(self._clients) < MAX_CLIENTS:
            back, _ = await self._loop.create_datagram_endpoint(
                lambda: _Back(self, client), local_addr=("127.0.0.1", 0), remote_addr=self.relay
            )
            self._clients[client] = back
        if back is not None:
            self._carry(self.up, self.tally_up, back, lambda: back.sendto(datagram))

    def from_relay(self, datagram: bytes, client: Address) -> None:
        """Carry a datagram towards a client."""
        self._carry(
            self.down, self.tally_down, self._front, lambda: self._front.sendto(datagram, client)
        )

    def _carry(
        self, line: Line, tally: Tally, way: asyncio.DatagramTransport, send: Callable[[], None]
    ) -> None:
        if self._random.random() < line.loss:
            tally.lost += 1
            return
        tally.passed += 1

        def deliver() -> None:
            if not way.is_closing():
                send()

        delay_ms = line.delay_ms + self._random.random() * line.jitter_ms
        if delay_ms:
            self._loop.call_later(delay_ms / 1000, deliver)
        else:
            deliver()


class _Front(asyncio.DatagramProtocol):
    def __init__(self, shaper: Shaper) -> None:
        self.shaper = shaper
        self.queue: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()
        self.task = asyncio.create_task(self._carry(), name="shaper")

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.queue.put_nowait((data, addr))

    def connection_lost(self, error: Exception | None) -> None:
        self.task.cancel()

    async def _carry(self) -> None:
        # One task takes them in turn, so that the first datagrams of a client do not open two
        # sockets.
        while True:
            await self.shaper.from_client(*await self.queue.get())


class _Back(asyncio.DatagramProtocol):
    def __init__(self, shaper: Shaper, client: Address) -> None:
        self.shaper = shaper
        self.client = client

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.shaper.from_relay(data, self.client)
