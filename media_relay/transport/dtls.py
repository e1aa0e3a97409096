"""The DTLS handshake with one peer over memory (RFC 5764), and the relay's one certificate.

DTLS 1.2 only: every browser speaks it, its flights fit the timers here, and a join costs under a
millisecond.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from media_relay.errors import ProtocolError
from media_relay.transport.srtp import (
    EXPORTER_LABEL,
    PROFILES,
    PROFILES_BY_NAME,
    SrtpKeys,
    split_keys,
)

DTLS_1_2 = 0xFEFD
MTU = 1200  # Every path that carries video carries this.
RECORD_HEADER = 13
LIFETIME = timedelta(days=365)  # A relay that runs longer is due for an update anyway.
CIPHERS = (
    # The first is the one that every browser must know (RFC 8827 §6.5).
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305"
    b":ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA"
)


class Certificate:
    """The key and self-signed certificate of this process.

    Browsers know it by the fingerprint in the offer.
    """

    def __init__(self) -> None:
        # The curve that every browser must know (RFC 8827 §6.5).
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, secrets.token_hex(8))])
        now = datetime.now(tz=UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))  # A browser's clock may be behind.
            .not_valid_after(now + LIFETIME)
            .sign(key, hashes.SHA256())
        )
        # As SDP writes it: sha-256, upper case, with colons (RFC 8122 §5).
        der = certificate.public_bytes(serialization.Encoding.DER)
        self.fingerprint = hashlib.sha256(der).digest().hex(":").upper()
        context = SSL.Context(SSL.DTLS_METHOD)  # What all handshakes share.
        context.set_min_proto_version(DTLS_1_2)
        context.set_max_proto_version(DTLS_1_2)
        # No association is ever resumed, so nothing is kept for that.
        context.set_options(SSL.OP_NO_TICKET)
        # Once the handshake is over hardly anything comes: the buffers need not wait for it.
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        # Any certificate will do for the handshake; what counts is its fingerprint, checked when it
        # is over.
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.use_certificate(certificate)
        context.use_privatekey(key)
        context.set_cipher_list(CIPHERS)
        context.set_tlsext_use_srtp(b":".join(profile.openssl_name for profile in PROFILES))
        self.context = context


class Handshake:
    """One peer's DTLS association.

    Datagrams go in by `feed`, come out by `send`; `keys` is set when it is through.
    """

    def __init__(
        self,
        certificate: Certificate,
        fingerprint: str,
        *,
        is_client: bool,
        send: Callable[[bytes], None],
    ) -> None:
        self.keys: SrtpKeys | None = None
        self.is_client = is_client
        self.last_flight: tuple[bytes, ...] = ()
        self._fingerprint = fingerprint
        self._send = send
        self._ssl = SSL.Connection(certificate.context, None)
        self._ssl.set_ciphertext_mtu(MTU)
        if is_client:
            self._ssl.set_connect_state()
        else:
            self._ssl.set_accept_state()

    def start(self) -> None:
        """Send the first flight if it is ours to send."""
        if self.is_client:
            self._advance()

    def feed(self, datagram: bytes) -> bool:
        """Take one datagram; return False when the peer has ended the association.

        Raises ProtocolError when it cannot succeed.
        """
        self._ssl.bio_write(datagram)
        if self.keys is None:
            self._advance()
            return True
        try:
            # OpenSSL answers a repeated flight; application data is of no use here.
            self._ssl.recv(MTU)
        except SSL.ZeroReturnError:
            return False
        except SSL.Error:
            # Nothing to read, or garbage from the path: neither ends an association (RFC 6347
            # §4.1.2.7).
            pass
        self._flush()
        return True

    def timeout_s(self) -> float | None:
        """Return seconds until the last flight is due again, None when no answer is awaited."""
        left = self._ssl.DTLSv1_get_timeout()
        return None if left is None else float(left)

    def on_timeout(self) -> None:
        try:
            self._ssl.DTLSv1_handle_timeout()
        except SSL.Error as error:
            raise ProtocolError("dtls_failed", f"DTLS gave up: {error}") from error
        self._flush()

    def close_notify(self) -> bytes:
        """Return the datagram that ends the association: a browser need not wait for its timers.

        It stays good for later: nothing else is sent in DTLS once there are keys, but repetitions.
        b"" before that, and when the peer was first.
        """
        if self.keys is None:
            return b""
        try:
            self._ssl.shutdown()
            return self._ssl.bio_read(MTU)
        except SSL.Error:
            return b""

    def _advance(self) -> None:
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            self._flush()
            return
        except SSL.Error as error:
            self._flush()  # The alert that tells the peer why.
            raise ProtocolError("dtls_failed", f"DTLS handshake failed: {error}") from error
        self._flush()
        # OpenSSL took any certificate; this binds it to the signalling (RFC 5763 §5).
        certificate = self._ssl.get_peer_certificate()
        found = certificate.digest("sha256").decode() if certificate else ""
        if not secrets.compare_digest(found, self._fingerprint):
            raise ProtocolError(
                "wrong_fingerprint", "The DTLS certificate is not the one in the answer"
            )
        profile = PROFILES_BY_NAME.get(self._ssl.get_selected_srtp_profile())
        if profile is None:
            raise ProtocolError("dtls_failed", "The peer negotiated no SRTP profile")
        exported = self._ssl.export_keying_material(EXPORTER_LABEL, profile.exported_bytes, None)
        self.keys = split_keys(profile, exported)

    def _flush(self) -> None:
        try:
            flight = self._ssl.bio_read(16 * 1024)
        except SSL.Error:
            return  # Nothing to send.
        self.last_flight = tuple(datagrams(flight))
        for datagram in self.last_flight:
            self._send(datagram)


def is_handshake(datagram: bytes) -> bool:
    """Return whether a datagram begins with a record of a handshake (RFC 5246 §6.2.1).

    Once the handshake is over, such a datagram is a flight that the peer repeats.
    """
    # change_cipher_spec, handshake.
    return datagram[0] in (20, 22)


def datagrams(flight: bytes) -> Iterator[bytes]:
    """Cut what OpenSSL wrote into datagrams: the memory BIO does not keep their boundaries.

    | type (8) | version (16) | epoch (16) | sequence number (48) | length (16) |   a record's head
    """
    start = end = 0
    while end + RECORD_HEADER <= len(flight):
        record = RECORD_HEADER + int.from_bytes(flight[end + 11 : end + 13], "big")
        if end > start and end + record - start > MTU:
            yield flight[start:end]
            start = end
        end += record
    if start < len(flight):
        yield flight[start:]
