"""A light WebRTC peer: ICE, DTLS and SRTP on one socket, with no codec, thread or jitter buffer.

A few hundred of them cost less than one browser, and a test can send exactly the bytes it wants
through them.
"""

import asyncio
import contextlib
import secrets
import socket
import struct
from collections import deque
from collections.abc import Callable

from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate, SRTPProtectionProfile
from OpenSSL import SSL
from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session

from tests.bench import stun
from tests.bench.sdp import Offer, write_answer

RETRY_S = 0.25  # A check or handshake flight that got no answer goes again after this.
CONSENT_S = 2.0  # Chromium checks every 2.5 s; RFC 7675 asks for at least every 5 s.
KEPT_PACKETS = 4096


class Identity:
    """A certificate that any number of peers may share, so that a thousand joins make one key."""

    def __init__(self, profiles: list[SRTPProtectionProfile] | None = None) -> None:
        self.profiles = profiles or SRTP_PROFILES
        self.certificate = RTCCertificate.generateCertificate()
        self.fingerprint: str = self.certificate.getFingerprints()[0].value
        self.context: SSL.Context = self.certificate._create_ssl_context(
            srtp_profiles=self.profiles
        )


class Peer:
    """One connection to a relay.

    `connect` first; afterwards packets go out by `send_rtp` and land in `rtp`.
    """

    def __init__(
        self,
        identity: Identity,
        offer: Offer,
        ssrcs: dict[str, int] | None = None,
        setup: str = "active",
    ):
        self.identity = identity
        self.offer = offer
        self.address = offer.address
        self.ssrcs = ssrcs or {}
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(12)
        self.answer = write_answer(
            offer, self.ufrag, self.password, identity.fingerprint, self.ssrcs, setup
        )
        self.username = f"{offer.ufrag}:{self.ufrag}"
        self.socket = open_socket(self.offer.address[0])
        self.checked = False
        self.secure = False
        self.closed_by_relay = False
        self.answers = True  # Whether it answers the relay's checks, as whoever is there does.
        self.checks_answered = 0
        self.checks_asked = 0
        self.on_check: Callable[[], None] = lambda: None
        self.rtp: deque[bytes] = deque(maxlen=KEPT_PACKETS)
        self.rtcp: deque[bytes] = deque(maxlen=KEPT_PACKETS)
        self.on_rtp: Callable[[bytes], None] = self.rtp.append
        self.on_rtcp: Callable[[bytes], None] = self.rtcp.append
        self.inbound: Session | None = None
        self.outbound: Session | None = None
        self.undecryptable = 0
        self._dtls = SSL.Connection(identity.context)
        self._news = asyncio.Event()
        self._consent: asyncio.Task[None] | None = None

    # --- life -------------------------------------------------------------------------------------

    async def connect(self, timeout_s: float = 10.0) -> None:
        """Check the path, shake hands and derive keys.

        Raises TimeoutError if the relay does not play along.
        """
        self.listen()
        async with asyncio.timeout(timeout_s):
            await self._repeat(self.check, lambda: self.checked)
            self._dtls.set_connect_state()
            await self._repeat(self._handshake, lambda: self.secure)

    def listen(self) -> None:
        asyncio.get_running_loop().add_reader(self.socket, self._on_readable)

    def deafen(self) -> None:
        """Stop reading through the event loop; whoever calls this reads the socket from now on."""
        asyncio.get_running_loop().remove_reader(self.socket)

    def keep_consent(self) -> None:
        """Send a check every `CONSENT_S` until `close`, as ICE must (RFC 7675)."""
        self._consent = asyncio.create_task(self._check_forever(), name=f"consent {self.ufrag}")

    def rebind(self) -> None:
        """Move to a new source port, as a NAT that forgot the old one would.

        The next `check` tells the relay.
        """
        self.deafen()
        self.socket.close()
        self.socket = open_socket(self.offer.address[0])
        self.checked = False
        self.listen()

    async def close(self) -> None:
        """Stop everything. The relay is not told; its own timers must notice."""
        if self._consent is not None:
            self._consent.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._consent
        with contextlib.suppress(RuntimeError, ValueError, KeyError, OSError):
            self.deafen()
        self.socket.close()

    # --- out --------------------------------------------------------------------------------------

    def check(self) -> None:
        """Send one connectivity check."""
        self.send(stun.binding_request(self.username, self.offer.password))

    def send(self, datagram: bytes) -> None:
        """Send raw bytes. A full buffer drops them, as a network would."""
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            self.socket.sendto(datagram, self.address)

    def send_rtp(self, packet: bytes) -> None:
        assert self.outbound is not None, "Not connected."
        self.send(self.outbound.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        assert self.outbound is not None, "Not connected."
        self.send(self.outbound.protect_rtcp(packet))

    def request_key_frame(self, ssrc: int) -> None:
        """Send a picture loss indication for one of the relay's slots (RFC 4585 §6.3.1)."""
        self.send_rtcp(struct.pack("!BBHII", 0x81, 206, 2, self.ssrcs_first(), ssrc))

    def ssrcs_first(self) -> int:
        """Return the SSRC this peer reports as; 1 when it announced none."""
        return next(iter(self.ssrcs.values()), 1)

    # --- in ---------------------------------------------------------------------------------------

    def receive(self, datagram: bytes) -> None:
        """Take one datagram from the relay."""
        first = datagram[0]
        if first < 4:
            self._take_stun(datagram)
        elif 20 <= first < 64:
            self._take_dtls(datagram)
        elif 128 <= first < 192 and self.inbound is not None:
            self._take_srtp(datagram)

    def _on_readable(self) -> None:
        for _ in range(64):
            try:
                datagram = self.socket.recv(2048)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if datagram:
                self.receive(datagram)

    def answer_check(self, transaction: bytes) -> None:
        """Answer a check of the relay's (RFC 8445 §7.3)."""
        self.checks_asked += 1
        if self.answers:
            self.send(stun.binding_success(transaction, self.address, self.password))

    def _take_stun(self, datagram: bytes) -> None:
        if stun.kind_of(datagram) == stun.BINDING_REQUEST:
            self.answer_check(stun.transaction_of(datagram))
        elif stun.kind_of(datagram) == stun.BINDING_SUCCESS:
            self.checked = True
            self.checks_answered += 1
            self.on_check()
            self._news.set()

    def _take_dtls(self, datagram: bytes) -> None:
        self._dtls.bio_write(datagram)
        if not self.secure:
            self._news.set()
            return
        try:
            self._dtls.recv(1500)
        except SSL.ZeroReturnError:
            self.closed_by_relay = True
        except SSL.Error:
            # An empty read: the record was a retransmitted flight, which the next line answers.
            pass
        self._flush()

    def _take_srtp(self, datagram: bytes) -> None:
        assert self.inbound is not None
        is_rtcp = 192 <= datagram[1] <= 223
        try:
            if is_rtcp:
                self.on_rtcp(self.inbound.unprotect_rtcp(datagram))
            else:
                self.on_rtp(self.inbound.unprotect(datagram))
        except SrtpError:
            self.undecryptable += 1

    # --- handshake --------------------------------------------------------------------------------

    def _handshake(self) -> None:
        """Drive DTLS one step: answer what came, or repeat our flight if its timer ran out."""
        try:
            self._dtls.do_handshake()
        except SSL.WantReadError:
            self._dtls.DTLSv1_handle_timeout()
        else:
            self._derive_keys()
            self.secure = True
        self._flush()

    def _flush(self) -> None:
        while True:
            try:
                self.send(self._dtls.bio_read(1500))
            except SSL.WantReadError:
                return

    def _derive_keys(self) -> None:
        """Make both SRTP sessions from the handshake (RFC 5764 §4.2); we are the DTLS client."""
        chosen = self._dtls.get_selected_srtp_profile()
        profile = next(p for p in self.identity.profiles if p.openssl_profile == chosen)
        length = 2 * (profile.key_length + profile.salt_length)
        material = bytes(self._dtls.export_keying_material(b"EXTRACTOR-dtls_srtp", length))
        self.outbound = srtp_session(
            profile, profile.get_key_and_salt(material, 0), Policy.SSRC_ANY_OUTBOUND
        )
        self.inbound = srtp_session(
            profile, profile.get_key_and_salt(material, 1), Policy.SSRC_ANY_INBOUND
        )

    async def _repeat(self, act: Callable[[], None], done: Callable[[], bool]) -> None:
        """Call `act` now, at every datagram of interest and every `RETRY_S`, until `done`."""
        while not done():
            self._news.clear()
            act()
            if not done():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), RETRY_S)

    async def _check_forever(self) -> None:
        while True:
            self.check()
            await asyncio.sleep(CONSENT_S)


def open_socket(host: str = "127.0.0.1") -> socket.socket:
    """Return a socket at a free port.

    Client and server share a machine, so the server's `host` is the client's too.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.bind((host, 0))
    return opened


def srtp_session(profile: SRTPProtectionProfile, key: bytes, direction: int) -> Session:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile.libsrtp_profile)
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return Session(policy)
