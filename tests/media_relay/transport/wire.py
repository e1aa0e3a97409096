"""A relay's port and a browser's end of it, in one process without an event loop: both read when
the test says so.
"""

import socket
from contextlib import suppress

from OpenSSL import SSL

from media_relay.ice.agent import Agent
from media_relay.ice.udp_mux import UdpMux
from media_relay.metrics import Metrics
from media_relay.transport.dtls import MTU, Certificate, datagrams
from media_relay.transport.peer_transport import PeerTransport
from media_relay.transport.srtp import (
    EXPORTER_LABEL,
    PROFILES_BY_NAME,
    SrtpSession,
    inbound_session,
    outbound_session,
    split_keys,
)
from media_relay.transport.udp_sender import UdpSender, open_socket
from tests.bench import stun

RELAY, BROWSER = Certificate(), Certificate()
HANDSHAKE = 22  # The first byte of a datagram, RFC 5246 §6.2.1.
PASSWORD = "the-password-of-theirs"


class Ear:
    """Takes what a transport brings, as a peer does, and writes it down."""

    sends = False

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.admits = True

    def admits_rtp(self, view: memoryview, length: int, now_ms: int) -> bool:
        return self.admits

    def on_rtp(self, view: memoryview, length: int, now_ms: int) -> None:
        self.rtp.append(bytes(view[:length]))

    def on_rtcp(self, view: memoryview, length: int, now_ms: int) -> None:
        self.rtcp.append(bytes(view[:length]))

    def on_connected(self) -> None:
        self.heard.append("connected")

    def on_moved(self) -> None:
        self.heard.append("moved")

    def on_gone(self, reason: str) -> None:
        self.heard.append(reason)


class Port:
    """The relay's side: one socket, its mux and the peers at it. The time is `now_ms`."""

    def __init__(self) -> None:
        self.now_ms = 1000
        self.metrics = Metrics()
        self.socket = open_socket("127.0.0.1", 0)
        self.udp_sender = UdpSender(self.socket, self.metrics, gso=False)
        self.mux = UdpMux(self.socket, self.udp_sender, self.metrics, lambda: self.now_ms)

    def open(self, sink: Ear | None = None) -> tuple[PeerTransport, Ear]:
        """Make a peer that the mux knows; it has not answered yet."""
        ear = sink or Ear()
        transport = PeerTransport(
            Agent(opened_ms=self.now_ms), self.udp_sender, RELAY, ear, self.metrics
        )
        self.mux.add(transport)
        return transport, ear

    def close(self) -> None:
        self.socket.close()


class Client:
    """A browser's end: checks, DTLS as the client, SRTP."""

    def __init__(self, port: Port, transport: PeerTransport) -> None:
        self.port = port
        self.agent = transport.agent
        self.transport = transport
        self.ear = transport._handler
        self.socket = open_socket("127.0.0.1", 0)
        self.outbound: SrtpSession | None = None
        self.answers = True  # Whether it answers the relay's checks.
        self.asked: list[bytes] = []  # Those that came.
        self.handshakes: list[bytes] = []  # Datagrams of the relay's flights that came.
        self._ssl = SSL.Connection(BROWSER.context, None)
        self._ssl.set_ciphertext_mtu(MTU)
        self._ssl.set_connect_state()

    def send(self, *parcels: bytes) -> list[bytes]:
        """Send datagrams, let the relay read them, and return what it answered.

        Its checks are answered by the way.
        """
        for datagram in parcels:
            self.socket.sendto(datagram, self.port.socket.getsockname())
        self.port.mux.on_readable()
        found = self.received()
        checks = [each for each in found if stun.kind_of(each) == stun.BINDING_REQUEST]
        others = [each for each in found if each not in checks]
        self.handshakes += [each for each in others if each[0] == HANDSHAKE]
        self.asked += checks
        if checks and self.answers:
            others += self.send(*map(self.success_of, checks))
        return others

    def success_of(self, check: bytes, password: str = PASSWORD) -> bytes:
        """Return the answer to a check of the relay's."""
        address = self.port.socket.getsockname()
        return stun.binding_success(stun.transaction_of(check), address, password)

    def received(self) -> list[bytes]:
        found = []
        with suppress(BlockingIOError):
            while True:
                found.append(self.socket.recv(2048))
        return found

    def check(self, *, password: str = "", nominate: bool = True) -> list[bytes]:
        name = f"{self.agent.ufrag}:theirs"
        return self.send(
            stun.binding_request(name, password or self.agent.password, nominate=nominate)
        )

    def answer(self, fingerprint: str = BROWSER.fingerprint) -> None:
        self.agent.on_answer("theirs", PASSWORD)
        self.transport.on_answer(fingerprint, is_client=False)
        self.port.mux.on_answer(self.transport, self.port.now_ms)
        self.send()

    def connect(self) -> None:
        """Do all that a browser does until both sides have keys."""
        self.answer()
        self.check()
        self.shake_hands()
        assert self.transport.is_connected
        profile = PROFILES_BY_NAME[self._ssl.get_selected_srtp_profile()]
        keys = split_keys(
            profile, self._ssl.export_keying_material(EXPORTER_LABEL, profile.exported_bytes, None)
        )
        self.outbound, self.inbound = (
            outbound_session(profile, keys.client),
            inbound_session(profile, keys.server),
        )

    def shake_hands(self) -> None:
        for _ in range(6):
            with suppress(SSL.WantReadError):
                self._ssl.do_handshake()
            for datagram in self.send(*self.flight()):
                self._ssl.bio_write(datagram)

    def begins_handshake(self) -> None:
        """Send the first flight and read nothing."""
        with suppress(SSL.WantReadError):
            self._ssl.do_handshake()
        self.send(*self.flight())

    @property
    def heard(self) -> list[str]:
        """What the relay's side was told of this connection."""
        assert isinstance(self.ear, Ear)
        return self.ear.heard

    def flight(self) -> list[bytes]:
        try:
            return list(datagrams(self._ssl.bio_read(16384)))
        except SSL.Error:
            return []

    def says_goodbye(self, datagram: bytes) -> bool:
        """Whether this datagram of the relay ends the association."""
        self._ssl.bio_write(datagram)
        try:
            self._ssl.recv(100)
        except SSL.ZeroReturnError:
            return True
        except SSL.Error:
            return False
        return False

    def leave(self) -> None:
        self._ssl.shutdown()
        self.send(*self.flight())

    def wait(self, elapsed_ms: int) -> None:
        """Let time pass, as the relay's clock ticks; checks that become due are answered."""
        end = self.port.now_ms + elapsed_ms
        while self.port.now_ms < end:
            self.port.now_ms += min(1000, end - self.port.now_ms)
            self.port.mux.tick(self.port.now_ms)
            self.send()
            self.transport.tick(self.port.now_ms)

    def move(self) -> None:
        """Go on from another port, as behind a NAT that forgot the old one."""
        self.socket.close()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(("127.0.0.1", 0))
