"""The relay's one UDP port: which peer a datagram is from.

A signed check counts by the ufrag in it, an answer to a check of ours by its transaction; anything
else only if it comes from an address that a signed check has named.
"""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable

from media_relay.clock import Clock
from media_relay.ice import stun
from media_relay.ice.agent import STALE_MS
from media_relay.ice.checks import Checks
from media_relay.ice.path import Path
from media_relay.metrics import Drop, Metrics
from media_relay.transport.demux import BY_FIRST_BYTE, MAX_DATAGRAM, Protocol
from media_relay.transport.peer_transport import PeerTransport
from media_relay.transport.udp_receiver import BATCH, Datagram, UdpReceiver
from media_relay.transport.udp_sender import UdpSender

MAX_HANDSHAKES = 2000  # Datagrams of handshakes that wait; browsers repeat what is dropped.
MAX_LOGGED = 20  # The same mistake need not fill a disk.
BATCHES = 8  # Read at most so many batches before timers and Redis get their turn.

log = logging.getLogger(__name__)


class UdpMux:
    """Tables by ufrag and by address; neither holds more than the peers that are open have."""

    def __init__(
        self, sock: socket.socket, udp_sender: UdpSender, metrics: Metrics, clock: Clock
    ) -> None:
        self._socket = sock
        self._udp_receiver = UdpReceiver(sock)
        self._udp_sender = udp_sender
        self._metrics = metrics
        self._clock = clock
        self._checks = Checks(udp_sender, metrics)
        self._soon: Callable[[Callable[[], None]], object] = lambda act: act()
        self._handshakes: deque[tuple[PeerTransport, bytes]] = deque(maxlen=MAX_HANDSHAKES)
        self._by_ufrag: dict[str, PeerTransport] = {}
        self._by_address: dict[bytes, PeerTransport] = {}

    @property
    def addresses(self) -> int:
        return len(self._by_address)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._soon = loop.call_soon
        loop.add_reader(self._socket.fileno(), self.on_readable)

    def stop(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self._socket.fileno())

    def add(self, transport: PeerTransport) -> None:
        self._by_ufrag[transport.agent.ufrag] = transport

    def discard(self, transport: PeerTransport) -> None:
        self._by_ufrag.pop(transport.agent.ufrag, None)
        for path in transport.agent.paths.values():
            self._forget(path, transport)

    def on_answer(self, transport: PeerTransport, now_ms: int) -> None:
        """The peer can be asked now, wherever it has checked from before."""
        for path in transport.agent.paths.values():
            self._checks.probe(transport.agent, path, now_ms)

    def tick(self, now_ms: int) -> None:
        """Send what checks are due; called every 20 ms."""
        self._checks.tick(now_ms)

    def on_readable(self) -> None:
        """Take what the kernel has for us."""
        for _ in range(BATCHES):
            count = 0
            for datagram in self._udp_receiver.read():
                count += 1
                self._metrics.datagrams_in += 1
                try:
                    self.on_datagram(datagram, self._clock())
                except Exception:
                    # It must not keep the next datagram, another peer's, from its turn.
                    self._on_mistake("A datagram broke its handler")
            if count < BATCH:
                return

    def on_datagram(self, datagram: Datagram, now_ms: int) -> None:
        if not 0 < datagram.length <= MAX_DATAGRAM:
            self._metrics.drop(Drop.OVERSIZE if datagram.length else Drop.EMPTY)
            return
        protocol = BY_FIRST_BYTE[datagram.view[0]]
        if protocol is Protocol.STUN:
            self._on_stun(datagram, now_ms)
            return
        transport = self._by_address.get(datagram.address)
        if transport is None:
            self._metrics.drop(Drop.UNKNOWN_ADDRESS)
        elif protocol is Protocol.MEDIA:
            transport.on_media(datagram, now_ms)
        elif protocol is not Protocol.DTLS:
            self._metrics.drop(Drop.UNKNOWN_PROTOCOL)
        else:
            self._on_dtls(transport, datagram, now_ms)

    def _on_dtls(self, transport: PeerTransport, datagram: Datagram, now_ms: int) -> None:
        path = transport.agent.paths.get(datagram.address)
        if path is not None and not path.is_open(now_ms):
            path.receive(datagram.length)
            self._checks.probe(transport.agent, path, now_ms)
        if len(self._handshakes) == self._handshakes.maxlen:
            self._metrics.drop(Drop.DTLS_FLOOD)
        else:
            # A step of a handshake costs as much as hundreds of packets: sound goes first.
            self._handshakes.append((transport, bytes(datagram.view[: datagram.length])))
            if len(self._handshakes) == 1:
                self._soon(self._advance_handshake)

    def _advance_handshake(self) -> None:
        """Take one step of one handshake, then let the socket have its turn."""
        transport, data = self._handshakes.popleft()
        if self._handshakes:
            self._soon(self._advance_handshake)
        try:
            transport.on_dtls(data, self._clock())
        except Exception:
            self._on_mistake("A step of a handshake broke its handler")

    def _on_mistake(self, what: str) -> None:
        """Count a mistake of the relay's own, and log it: it costs this datagram only."""
        self._metrics.drop(Drop.PEER_ERROR)
        if self._metrics.drops[Drop.PEER_ERROR] <= MAX_LOGGED:
            log.exception(what)

    def _on_stun(self, datagram: Datagram, now_ms: int) -> None:
        # Bytes, not a view: each piece of a view would be an object of its own.
        data = bytes(datagram.view[: datagram.length])
        address = datagram.address
        if data[0]:  # No request: those begin with a zero.
            self._on_stun_answer(data, address, now_ms)
            return
        try:
            request = stun.parse_request(data)
        except ValueError:
            self._metrics.drop(Drop.STUN_MALFORMED)
            return
        transport = self._by_ufrag.get(request.local_ufrag)
        if transport is None:
            self._metrics.drop(Drop.STUN_UNKNOWN_UFRAG)
            return
        agent = transport.agent
        if not agent.accepts(data, request):
            self._metrics.drop(Drop.STUN_BAD_INTEGRITY)
            return
        if not agent.has_checks_left(now_ms):
            self._metrics.drop(Drop.STUN_RATE)
            return
        if not self._claim(address, transport, now_ms):
            self._metrics.drop(Drop.STUN_ADDRESS_TAKEN)
            return
        reply = agent.reply(request, address)
        if request.controlled:
            # It comes back in the other role; until then it has not checked. An error is no longer
            # than what it answers.
            if len(reply) <= datagram.length:
                self._udp_sender.send(reply, address)
            return
        self._by_address[address] = transport
        path = agent.on_check(request, address, now_ms)
        if surplus := agent.surplus():
            self._forget(surplus, transport)
        path.reply = reply
        if path.is_open(now_ms):
            self._checks.reply(path)
        else:
            path.receive(datagram.length)
            self._checks.probe(agent, path, now_ms)
        self._follow(transport, path, now_ms)

    def _on_stun_answer(self, data: bytes, address: bytes, now_ms: int) -> None:
        found = self._checks.take_answer(data, address, now_ms)
        transport = self._by_ufrag.get(found[0].ufrag) if found is not None else None
        if found is None or transport is None:
            self._metrics.drop(Drop.STUN_UNASKED)
            return
        path = found[1]
        owner = self._by_address.get(path.address)
        if owner is not None and owner is not transport:
            self._disown(path.address, owner)
        self._by_address[path.address] = transport
        self._checks.reply(path)
        self._follow(transport, path, now_ms)

    def _follow(self, transport: PeerTransport, path: Path, now_ms: int) -> None:
        """Let the transport go where its agent has chosen, and ask there for as long as it does."""
        if path.address == transport.agent.selected != transport.address:
            self._checks.keep(transport.agent, path, now_ms)
            transport.on_selected(now_ms)

    def _claim(self, address: bytes, transport: PeerTransport, now_ms: int) -> bool:
        """Return whether this peer may use an address.

        Not if it is open and alive as another's: a client that forges a source address would else
        cut somebody off with a grant of its own. Of those who have proved nothing yet each may try.
        """
        owner = self._by_address.get(address)
        if owner is None or owner is transport:
            return True
        path = owner.agent.paths.get(address)
        if path is not None and now_ms - path.checked_ms < STALE_MS:
            return not path.is_open(now_ms)
        self._disown(address, owner)
        return True

    def _disown(self, address: bytes, owner: PeerTransport) -> None:
        if path := owner.agent.paths.pop(address, None):
            self._forget(path, owner)

    def _forget(self, path: Path, transport: PeerTransport) -> None:
        self._checks.forget(path)
        if self._by_address.get(path.address) is transport:
            del self._by_address[path.address]
