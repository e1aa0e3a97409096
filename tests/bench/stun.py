"""Just enough STUN (RFC 8489) for an ICE client that talks to an ICE-lite server.

Written apart from aioice on purpose: the relay leans on aioice's code, and a mistake in it must not
hide itself.
"""

import hashlib
import hmac
import secrets
import socket
import struct
import zlib
from operator import xor

MAGIC_COOKIE = 0x2112A442  # RFC 8489 §5.
BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
BINDING_ERROR = 0x0111
FINGERPRINT_XOR = 0x5354554E  # "STUN", RFC 8489 §14.7.

USERNAME = 0x0006
MESSAGE_INTEGRITY = 0x0008
XOR_MAPPED_ADDRESS = 0x0020
PRIORITY = 0x0024
USE_CANDIDATE = 0x0025
FINGERPRINT = 0x8028
ICE_CONTROLLING = 0x802A

PEER_REFLEXIVE_PRIORITY = 0x6E7F1EFF  # Type preference 110, RFC 8445 §5.1.2.


def attribute(kind: int, value: bytes) -> bytes:
    """Return one attribute, padded to four bytes."""
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def binding_request(
    username: str, password: str, *, transaction: bytes | None = None, nominate: bool = True
) -> bytes:
    """Return a connectivity check.

    `username` is `server-ufrag:client-ufrag`, `password` the server's.
    """
    body = attribute(USERNAME, username.encode())
    body += attribute(PRIORITY, struct.pack("!I", PEER_REFLEXIVE_PRIORITY))
    body += attribute(ICE_CONTROLLING, secrets.token_bytes(8))
    if nominate:
        body += attribute(USE_CANDIDATE, b"")
    return sealed(BINDING_REQUEST, transaction or secrets.token_bytes(12), body, password)


def binding_success(transaction: bytes, address: tuple[str, int], password: str) -> bytes:
    """Return the answer to a check that came from an IPv4 `address`; `password` is the answerer's."""
    host, port = address
    cookie = MAGIC_COOKIE.to_bytes(4, "big")
    plain = port.to_bytes(2, "big") + socket.inet_aton(host)
    hidden = bytes(map(xor, plain, cookie[:2] + cookie))
    body = attribute(XOR_MAPPED_ADDRESS, b"\x00\x01" + hidden)
    return sealed(BINDING_SUCCESS, transaction, body, password)


def sealed(kind: int, transaction: bytes, body: bytes, password: str) -> bytes:
    """Return the message with MESSAGE-INTEGRITY and FINGERPRINT added.

    Each covers a header whose length already counts the attribute itself (RFC 8489 §14.5, §14.7).
    """
    protected = _header(kind, len(body) + 24, transaction) + body
    digest = hmac.new(password.encode(), protected, hashlib.sha1).digest()
    body += attribute(MESSAGE_INTEGRITY, digest)
    checked = _header(kind, len(body) + 8, transaction) + body
    crc = zlib.crc32(checked) ^ FINGERPRINT_XOR
    return checked + attribute(FINGERPRINT, struct.pack("!I", crc))


def is_stun(datagram: bytes) -> bool:
    return (
        len(datagram) >= 20 and datagram[0] < 4 and datagram[4:8] == MAGIC_COOKIE.to_bytes(4, "big")
    )


def kind_of(datagram: bytes) -> int:
    return int.from_bytes(datagram[:2], "big")


def transaction_of(datagram: bytes) -> bytes:
    return datagram[8:20]


def _header(kind: int, length: int, transaction: bytes) -> bytes:
    return struct.pack("!HHI", kind, length, MAGIC_COOKIE) + transaction
