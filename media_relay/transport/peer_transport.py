"""The way to one peer: its ICE agent, its DTLS association and its two SRTP sessions."""

from collections.abc import Callable
from enum import Enum, auto

from pylibsrtp._binding import lib as srtp

from media_relay.errors import ProtocolError
from media_relay.ice.agent import Agent
from media_relay.metrics import Drop, Metrics
from media_relay.transport.demux import MIN_RTCP, MIN_RTP, is_rtcp
from media_relay.transport.dtls import Certificate, Handshake, is_handshake
from media_relay.transport.handler import NO_HANDLER, TransportHandler
from media_relay.transport.srtp import (
    REPLAY_FAIL,
    REPLAY_OLD,
    SrtpKeys,
    SrtpSession,
    inbound_session,
    outbound_session,
)
from media_relay.transport.udp_receiver import Datagram
from media_relay.transport.udp_sender import UdpSender

# From the first nominated check to keys; OpenSSL repeats its flight after 1, 2 and 4 s.
HANDSHAKE_MS = 10_000
CONNECT_MS = 30_000  # From the offer to the first nominated check.
MAX_EARLY = 4  # Datagrams of a ClientHello; one with a post-quantum key share takes two.
DTLS_PER_SECOND = 50  # A handshake with everything lost once takes fewer.
MAX_RTCP_SSRCS = 16  # libsrtp keeps a stream for each; browsers use one per m-section.
RTCP_PER_SECOND = 200  # Chromium with eight streams under loss sends about fifty.


class TransportState(Enum):
    NEW = auto()
    HANDSHAKE = auto()
    CONNECTED = auto()
    CLOSED = auto()


class PeerTransport:
    """`address` and `outbound` are for the fan-out and mean something only while connected."""

    def __init__(
        self,
        agent: Agent,
        udp_sender: UdpSender,
        certificate: Certificate,
        handler: TransportHandler,
        metrics: Metrics,
    ) -> None:
        self.agent = agent
        self.state = TransportState.NEW
        self.address = b""
        self._udp_sender = udp_sender
        self._certificate = certificate
        self._handler = handler
        self._metrics = metrics
        self._handshake: Handshake | None = None
        self._fingerprint = ""
        self._is_client = False
        self._inbound: SrtpSession | None = None
        self._outbound: SrtpSession | None = None
        self._deadline_ms = agent.opened_ms + CONNECT_MS
        # All that is left of a listener's handshake, and what will end the association.
        self._last_flight: tuple[bytes, ...] = ()
        self._close_notify = b""
        self._timer_ms: int | None = None  # When DTLS wants to repeat itself.
        self._early: list[bytes] = []  # What came in DTLS before there was somewhere to answer.
        self._rtcp_ssrcs: set[int] = set()
        self._second = 0
        self._dtls_left = DTLS_PER_SECOND
        self._rtcp_left = RTCP_PER_SECOND

    @property
    def outbound(self) -> SrtpSession:
        assert self._outbound is not None
        return self._outbound

    @property
    def is_connected(self) -> bool:
        return self.state is TransportState.CONNECTED

    @property
    def has_answer(self) -> bool:
        return self._fingerprint != ""

    def on_answer(self, fingerprint: str, *, is_client: bool) -> None:
        """The answer is here; `is_client` if the browser wants to be the DTLS server.

        Its agent has the credentials in it already, so an address may be selected from now on.
        """
        self._fingerprint = fingerprint
        self._is_client = is_client

    # --- what the socket brings

    def on_selected(self, now_ms: int) -> None:
        """There is an address to send to now, or another one: it has answered a check."""
        if self.state is TransportState.CLOSED:
            return
        self.address = self.agent.selected
        if self.state is TransportState.NEW:
            self._begin(now_ms)
            return
        self._handler.on_moved()

    def on_dtls(self, datagram: bytes, now_ms: int) -> None:
        if self.state is TransportState.CLOSED:
            return
        if self.state is TransportState.NEW:
            # The answer, or what a check of ours is answered with, is still on its way. Firefox
            # would repeat its ClientHello after a whole second.
            if len(self._early) < MAX_EARLY and datagram not in self._early:
                self._early.append(datagram)
            return
        self._refill(now_ms)
        if self._dtls_left == 0:
            self._metrics.drop(Drop.DTLS_FLOOD)
            return
        self._dtls_left -= 1
        if self._handshake is not None:
            self._advance(lambda handshake: handshake.feed(datagram), now_ms)
        elif is_handshake(datagram):
            for lost in self._last_flight:
                self._send_dtls(lost)

    def on_media(self, datagram: Datagram, now_ms: int) -> None:
        if self._inbound is None:
            self._metrics.drop(Drop.NO_SESSION)
            return
        if datagram.length > 1 and is_rtcp(datagram.view[1]):
            self._on_rtcp(datagram, now_ms)
            return
        self._metrics.rtp_in += 1
        if datagram.length < MIN_RTP:
            self._metrics.drop(Drop.RTP_MALFORMED)
            return
        if not self._handler.admits_rtp(datagram.view, datagram.length, now_ms):
            return
        if self._open(datagram, srtp.srtp_unprotect):
            self._handler.on_rtp(datagram.view, datagram.length_pointer[0], now_ms)

    def _on_rtcp(self, datagram: Datagram, now_ms: int) -> None:
        self._metrics.rtcp_in += 1
        if datagram.length < MIN_RTCP:
            self._metrics.drop(Drop.RTCP_MALFORMED)
            return
        self._refill(now_ms)
        sender = int.from_bytes(datagram.view[4:8], "big")
        is_new = sender not in self._rtcp_ssrcs
        if self._rtcp_left == 0 or (is_new and len(self._rtcp_ssrcs) >= MAX_RTCP_SSRCS):
            self._metrics.drop(Drop.RTCP_RATE)
            return
        self._rtcp_left -= 1
        if not self._open(datagram, srtp.srtp_unprotect_rtcp):
            return
        # Only now: a forged SSRC must not take a place.
        self._rtcp_ssrcs.add(sender)
        self._handler.on_rtcp(datagram.view, datagram.length_pointer[0], now_ms)

    def _open(self, datagram: Datagram, unprotect: Callable[..., int]) -> bool:
        """Decrypt in place; False if the packet is not from this peer or was here before."""
        assert self._inbound is not None
        datagram.length_pointer[0] = datagram.length
        status = unprotect(self._inbound.handle, datagram.pointer, datagram.length_pointer)
        if status == 0:
            return True
        self._metrics.drop(
            Drop.SRTP_REPLAYED if status in (REPLAY_FAIL, REPLAY_OLD) else Drop.SRTP_FAILED
        )
        return False

    # --- what goes out

    def send_rtp(self, packet: bytes) -> bool:
        return self.is_connected and self._udp_sender.send_rtp(
            packet, self.outbound.handle, self.address
        )

    def send_rtcp(self, packet: bytes) -> bool:
        return self.is_connected and self._udp_sender.send_rtcp(
            packet, self.outbound.handle, self.address
        )

    # --- its life

    def tick(self, now_ms: int) -> None:
        """Look at the timers; called a few times a second, more often during the handshake."""
        if self.state is TransportState.CLOSED:
            return
        if self.state is TransportState.CONNECTED:
            if not self.agent.has_consent(now_ms):
                if not self.agent.may_send(now_ms):
                    self.address = b""  # Not even a farewell.
                self._end("consent_lost")
            return
        if now_ms >= self._deadline_ms:
            self._metrics.drop(Drop.DTLS_TIMEOUT)
            self._end(
                "dtls_timeout" if self.state is TransportState.HANDSHAKE else "never_connected"
            )
            return
        if self._timer_ms is not None and now_ms >= self._timer_ms:
            self._advance(Handshake.on_timeout, now_ms)

    def close(self) -> None:
        """End it from our side, without a word to the handler. Later datagrams are dropped."""
        if self.state is TransportState.CLOSED:
            return
        self._send_close_notify()
        self._release()

    def _begin(self, now_ms: int) -> None:
        """Start DTLS, with what has come of it so far."""
        self.state = TransportState.HANDSHAKE
        self._deadline_ms = now_ms + HANDSHAKE_MS
        self._handshake = Handshake(
            self._certificate, self._fingerprint, is_client=self._is_client, send=self._send_dtls
        )
        self._advance(Handshake.start, now_ms)
        early, self._early = self._early, []
        for datagram in early:
            self.on_dtls(datagram, now_ms)

    def _send_dtls(self, datagram: bytes) -> None:
        self._udp_sender.send(datagram, self.address)

    def _advance(self, step: Callable[[Handshake], object], now_ms: int) -> None:
        """Take a step of the handshake; what the peer did wrong ends this peer alone.

        A step that returns False has found that the peer has ended the association.
        """
        handshake = self._handshake
        if handshake is None:
            return
        try:
            if step(handshake) is False:
                self._end("closed_by_peer")
        except ProtocolError as error:
            wrong = error.code == "wrong_fingerprint"
            self._metrics.drop(Drop.FINGERPRINT_MISMATCH if wrong else Drop.DTLS_FAILED)
            self._end(error.code)
            return
        if self.state is not TransportState.HANDSHAKE:
            return
        if handshake.keys is None:
            # One more than the whole milliseconds: a timer that is early finds nothing due.
            left_s = handshake.timeout_s()
            self._timer_ms = None if left_s is None else now_ms + int(left_s * 1000) + 1
        else:
            self._connect(handshake, handshake.keys)

    def _connect(self, handshake: Handshake, keys: SrtpKeys) -> None:
        """The handshake is through: media may flow."""
        ours, theirs = keys.server, keys.client
        if handshake.is_client:
            ours, theirs = theirs, ours
        self._inbound = inbound_session(keys.profile, theirs)
        self._outbound = outbound_session(keys.profile, ours)
        self.state = TransportState.CONNECTED
        self._metrics.peers_connected += 1
        if not self._handler.sends:
            # OpenSSL keeps 50 kB a handshake. Of a listener it could only hear that it has gone,
            # which its socket says too.
            self._last_flight = handshake.last_flight
            self._close_notify = handshake.close_notify()
            self._handshake = None
        self._handler.on_connected()

    def _end(self, reason: str) -> None:
        if self.state is TransportState.CLOSED:
            return
        if reason != "closed_by_peer":
            self._send_close_notify()
        # In this order: the room takes the peer out of the fan-out, which works with these keys.
        self._handler.on_gone(reason)
        self._release()

    def _send_close_notify(self) -> None:
        close_notify = (
            self._handshake.close_notify() if self._handshake is not None else self._close_notify
        )
        if close_notify and self.address:
            self._send_dtls(close_notify)

    def _release(self) -> None:
        """Free everything at once, the cycle with the handler included.

        It must not wait for a full garbage collection, which halts the sound.
        """
        self.state = TransportState.CLOSED
        self._handler = NO_HANDLER
        self._handshake = None
        self._early.clear()
        for session in (self._inbound, self._outbound):
            if session is not None:
                session.release()
        self._inbound = self._outbound = None

    def _refill(self, now_ms: int) -> None:
        if now_ms // 1000 != self._second:
            self._second = now_ms // 1000
            self._dtls_left = DTLS_PER_SECOND
            self._rtcp_left = RTCP_PER_SECOND
