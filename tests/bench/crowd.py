"""Thousands of listeners in one process: joined one by one, then counted in bulk without
decrypting.
"""

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.bench import stun
from tests.bench.meter import socket_drops
from tests.bench.native import Messages
from tests.bench.peer import Peer
from tests.bench.synthetic import stamp_of

SO_RCVBUFFORCE = 33  # asm-generic/socket.h: root may go beyond net.core.rmem_max.
# Half a second of 720p for who is not read meanwhile: one process reads for thousands.
RECEIVE_BYTES = 2 << 20
SO_TIMESTAMPNS = 35  # linux/socket.h: the kernel says when a datagram arrived, whenever it is read.
# Enough to see what a packet is, and to answer a check; the kernel throws the rest away.
HEAD_BYTES = 20
CONSENT_S = 2.5  # As Chromium.
REPORT_S = 1.0  # One receiver report per second and listener, as Chromium at these rates.
SLICE = 64  # Listeners read before the publisher's clock is looked at again.
PAUSE_S = 0.002
PROBES = 16


class Listener(Protocol):
    """Somebody in the crowd, at the relay or elsewhere."""

    @property
    def peer(self) -> Peer: ...

    @property
    def offer(self) -> dict[str, Any]:  # Any: JSON; `slots` names the mids.
        ...

    def slot_payload_type(self, slot: str) -> int: ...


class Entrance(Protocol):
    """Where listeners come in."""

    async def join(self, user: str = "", *, consent: bool = True) -> Listener: ...


@dataclass
class Probe:
    """A listener whose packets are decrypted: for delay, loss and proof that the bytes are ours."""

    member: Listener
    delays_ms: list[float] = field(default_factory=list)
    received: int = 0
    foreign: int = 0
    arrived_ns: int = 0

    def watch(self) -> None:
        self.member.peer.on_rtp = self._take

    def clear(self) -> None:
        self.delays_ms.clear()
        self.received = 0

    def read(self) -> int:
        """Take what has arrived; return how many RTP packets that was."""
        opened, before = self.member.peer.socket, self.received
        while True:
            try:
                datagram, ancillary, _, _ = opened.recvmsg(2048, 64)
            except BlockingIOError:
                return self.received - before
            self.arrived_ns = arrival_ns(ancillary)
            self.member.peer.receive(datagram)

    def _take(self, packet: bytes) -> None:
        delay_ms = (self.arrived_ns - stamp_of(packet)) / 1e6
        if 0 <= delay_ms < 10_000:
            self.received += 1
            self.delays_ms.append(delay_ms)
        else:
            self.foreign += 1


class Rounds:
    """Does something for one member after the other, each in their turn every `every_s`."""

    def __init__(
        self, members: list[Listener], act: Callable[[Listener], None], every_s: float
    ) -> None:
        self.members = members
        self.act = act
        self.interval_s = every_s / len(members)
        self.next = 0
        self.due_at = time.monotonic()

    def catch_up(self, now: float) -> None:
        """Do what has become due.

        After a pause of a round or more, everybody has one turn and not several.
        """
        self.due_at = max(self.due_at, now - self.interval_s * len(self.members))
        while self.due_at <= now:
            self.act(self.members[self.next])
            self.next = (self.next + 1) % len(self.members)
            self.due_at += self.interval_s


class Crowd:
    """The listeners of one Space. `join` them, then call `run` for each measured time."""

    def __init__(self, room: Entrance, reports: bool = True) -> None:
        self.room = room
        self.reports = reports
        self.members: list[Listener] = []
        self.probes: list[Probe] = []
        self.delivered = 0
        self.bytes = 0
        self._drops_before = 0
        self._messages = Messages(64, HEAD_BYTES)
        self._peers: dict[int, Peer] = {}  # By the descriptors of their sockets.
        self._not_media = b""
        self._chores: list[Rounds] = []

    @property
    def ports(self) -> list[int]:
        return [member.peer.socket.getsockname()[1] for member in self.members]

    async def join(self, count: int, concurrency: int = 16) -> None:
        """Bring `count` listeners in, at most `concurrency` of them at once."""
        gate = asyncio.Semaphore(concurrency)

        async def enter() -> Listener:
            async with gate:
                member = await self.room.join(consent=False)
                member.peer.deafen()
                _widen(member.peer.socket)
                return member

        self.members += await asyncio.gather(*(enter() for _ in range(count)))
        self._prepare()

    def _prepare(self) -> None:
        self._peers = {member.peer.socket.fileno(): member.peer for member in self.members}
        member = self.members[0]
        media = {member.slot_payload_type("audio"), member.slot_payload_type("video")}
        self._not_media = bytes(
            value for value in range(256) if value & 0x7F not in media or 192 <= value <= 223
        )
        self._chores = [
            Rounds(self.members, self._consent, CONSENT_S),
            Rounds(self.members, self._report, REPORT_S),
        ]
        # Odd, so that of an even number of Spaces each has probes.
        step = len(self.members) // PROBES | 1
        self.probes = [Probe(member) for member in self.members[::step][:PROBES]]
        for probe in self.probes:
            probe.member.peer.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            probe.watch()

    async def run(self, seconds: float, each_turn: Callable[[float], None]) -> None:
        """Read everybody's packets for `seconds`, with `each_turn(now)` between slices for the
        publisher.
        """
        probed = {id(probe.member) for probe in self.probes}
        plain = [member.peer.socket.fileno() for member in self.members if id(member) not in probed]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for start in range(0, len(plain), SLICE):
                each_turn(time.monotonic())
                self._count(plain[start : start + SLICE])
            self.delivered += sum(probe.read() for probe in self.probes)
            now = time.monotonic()
            each_turn(now)
            for chore in self._chores:
                chore.catch_up(now)
            await asyncio.sleep(PAUSE_S)

    def loss_of(self, sent: float) -> float:
        """Return the share of `sent` packets to each that have missed the probes since `clear`."""
        received = sum(probe.received for probe in self.probes)
        # What was on its way at `clear` is received and not sent, so a perfect path may show
        # slightly more than all.
        return max(0.0, 1 - received / max(1, sent * len(self.probes)))

    def dropped_here(self) -> float:
        """Return the share of packets that reached our own sockets and found them full, since
        `clear`.
        """
        dropped = socket_drops(self.ports) - self._drops_before
        return dropped / max(1, self.delivered + dropped)

    def clear(self) -> None:
        """Forget everything counted so far."""
        self.delivered = self.bytes = 0
        self._drops_before = socket_drops(self.ports)
        for probe in self.probes:
            probe.clear()

    def _count(self, descriptors: list[int]) -> None:
        messages, not_media = self._messages, self._not_media
        for descriptor in descriptors:
            got = messages.count
            while got == messages.count:
                got = messages.receive(descriptor)
                if got:
                    if 0 in (firsts := messages.bytes_at(0, got)):
                        self._answer(self._peers[descriptor], firsts)
                    seconds = messages.bytes_at(1, got)
                    self.delivered += len(seconds.translate(None, not_media))
                    self.bytes += messages.total_length(got)

    def _answer(self, peer: Peer, firsts: bytes) -> None:
        """Answer the server's checks among the datagrams that were just read."""
        for index, first in enumerate(firsts):
            if first == 0:
                peer.answer_check(stun.transaction_of(self._messages.head(index)))

    def _consent(self, member: Listener) -> None:
        member.peer.check()

    def _report(self, member: Listener) -> None:
        """Send a receiver report that says all is well (RFC 3550 §6.4.2)."""
        if self.reports:
            slot = member.peer.offer.section(member.offer["slots"]["audio"][0]).ssrcs
            block = struct.pack("!IIIIII", slot[0] if slot else 0, 0, 0, 0, 0, 0)
            member.peer.send_rtcp(struct.pack("!BBHI", 0x81, 201, 7, 1) + block)


def _widen(opened: socket.socket) -> None:
    try:
        opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BYTES)
    except PermissionError:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)


def arrival_ns(ancillary: list[tuple[int, int, bytes]]) -> int:
    for _, kind, data in ancillary:
        if kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("=qq", data[:16])
            return int(seconds * 1_000_000_000 + nanoseconds)
    return time.time_ns()
