"""The STUN messages of an ICE-lite agent (RFC 8489): requests and their answers, in and out.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    |0 0|     message type          |   length of the attributes    |
    |                  magic cookie 0x2112A442                      |
    |                  transaction id (96 bits)                     |
    |          attribute            |      length of its value      |
    |          value, padded to whole words                     …   |

Parsed here rather than by aioice because hundreds of listeners each send checks every few seconds,
and answer ours: this takes a tenth of the time, takes a view without copying it, and raises
ValueError alone.
"""

import hmac
import zlib
from dataclasses import dataclass
from struct import Struct, pack, unpack_from

COOKIE = 0x2112A442
COOKIE_BYTES = COOKIE.to_bytes(4, "big")
HEADER_LENGTH = 20
BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
BINDING_ERROR = 0x0111
USERNAME = 0x0006
MESSAGE_INTEGRITY = 0x0008
ERROR_CODE = 0x0009
XOR_MAPPED_ADDRESS = 0x0020
PRIORITY = 0x0024
USE_CANDIDATE = 0x0025
FINGERPRINT = 0x8028
ICE_CONTROLLED = 0x8029
FINGERPRINT_XOR = 0x5354554E
MAX_ATTRIBUTES = 32  # Browsers send eight.
MAX_USERNAME = 513  # RFC 8489 §14.3: fewer than 509 bytes, and the separator of ICE.
PEER_REFLEXIVE = 110 << 24 | 65535 << 8 | 255  # RFC 8445 §5.1.2.1, component 1.

SOCKADDR_IN_BYTES = 16
V4_MAPPED = bytes(10) + b"\xff\xff"

_HEADER = Struct("!HHI12s")
_ATTRIBUTE = Struct("!HH")


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """A connectivity check. Nothing in it may be believed before `is_signed` says so."""

    transaction_id: bytes
    local_ufrag: str  # Ours: the first half of USERNAME.
    remote_ufrag: str
    nominated: bool
    # The peer thinks that it is the controlled side, which a lite agent always is.
    controlled: bool
    integrity_at: int  # Offset of MESSAGE-INTEGRITY.


def parse_request(data: memoryview) -> BindingRequest:
    """Return the binding request in `data`.

    Raises ValueError for anything else, UnicodeDecodeError included.
    """
    if len(data) < HEADER_LENGTH:
        raise ValueError("STUN header is truncated")
    kind, length, cookie, transaction_id = _HEADER.unpack_from(data)
    if kind != BINDING_REQUEST or cookie != COOKIE:
        raise ValueError("STUN message is not a binding request")
    if length % 4 or len(data) != HEADER_LENGTH + length:
        raise ValueError("STUN length does not match the datagram")
    attributes: dict[int, memoryview] = {}
    integrity_at = 0
    position = HEADER_LENGTH
    while position < len(data):
        kind, length = _ATTRIBUTE.unpack_from(data, position)
        value = data[position + 4 : position + 4 + length]
        if len(value) != length or len(attributes) >= MAX_ATTRIBUTES or length > MAX_USERNAME:
            raise ValueError("STUN attribute is truncated or one too many")
        if kind == FINGERPRINT:
            if length != 4 or position + 8 != len(data):
                raise ValueError("STUN FINGERPRINT is not the last attribute")
            # The CRC of all before it (RFC 8489 §14.7).
            if unpack_from("!I", value)[0] != zlib.crc32(data[:position]) ^ FINGERPRINT_XOR:
                raise ValueError("STUN FINGERPRINT does not match")
        elif kind == MESSAGE_INTEGRITY and not integrity_at:
            if length != 20:
                raise ValueError("STUN MESSAGE-INTEGRITY is not 20 bytes")
            integrity_at = position
        elif not integrity_at:  # What follows it is not signed (RFC 8489 §14.5).
            attributes.setdefault(kind, value)
        position += 4 + length + (-length % 4)  # Values are padded to whole words.
    if not integrity_at:
        raise ValueError("STUN message is not signed")
    local, separator, remote = str(attributes.get(USERNAME, b""), "ascii").partition(":")
    if not separator:
        raise ValueError("STUN USERNAME is not ufrag:ufrag")
    return BindingRequest(
        transaction_id,
        local,
        remote,
        USE_CANDIDATE in attributes,
        ICE_CONTROLLED in attributes,
        integrity_at,
    )


@dataclass(frozen=True, slots=True)
class BindingAnswer:
    """What came back for a check of ours. Nothing in it may be believed before `is_signed`."""

    transaction_id: bytes
    is_success: bool
    integrity_at: int  # Offset of MESSAGE-INTEGRITY.


def parse_answer(data: memoryview) -> BindingAnswer:
    """Return the success or error response in `data`. Raises ValueError for anything else.

    Its address is of no interest, and what the CRC of FINGERPRINT would tell the signature does.
    """
    if len(data) < HEADER_LENGTH:
        raise ValueError("STUN header is truncated")
    kind, length, cookie, transaction_id = _HEADER.unpack_from(data)
    if kind not in (BINDING_SUCCESS, BINDING_ERROR) or cookie != COOKIE:
        raise ValueError("STUN message is no answer to a binding request")
    if length % 4 or len(data) != HEADER_LENGTH + length:
        raise ValueError("STUN length does not match the datagram")
    position = HEADER_LENGTH
    for _ in range(MAX_ATTRIBUTES):
        if position + 4 > len(data):
            break
        attribute, length = _ATTRIBUTE.unpack_from(data, position)
        if attribute == MESSAGE_INTEGRITY:
            if length != 20 or position + 24 > len(data):
                raise ValueError("STUN MESSAGE-INTEGRITY is not 20 bytes")
            return BindingAnswer(transaction_id, kind == BINDING_SUCCESS, position)
        position += 4 + length + (-length % 4)
    raise ValueError("STUN message is not signed")


def is_signed(data: memoryview, integrity_at: int, key: bytes) -> bool:
    """Return whether MESSAGE-INTEGRITY of the datagram, at this offset, was made with `key`."""
    at = integrity_at
    return hmac.compare_digest(data[at + 4 : at + 24], _signature(data[:at], key))


def _signature(message: memoryview | bytes, key: bytes) -> bytes:
    # The length in the header counts up to and with MESSAGE-INTEGRITY itself (RFC 8489 §14.5).
    length = len(message) - HEADER_LENGTH + 24
    return hmac.digest(key, b"".join((message[:2], length.to_bytes(2, "big"), message[4:])), "sha1")


def check_attributes(username: str) -> bytes:
    """Return what all checks of one lite agent have in common.

    `username` is the peer's ufrag, a colon and ours (RFC 8445 §7.2.2). The tie-breaker is 0: a lite
    agent is the controlled one, so a peer that thinks so too must give way (§7.3.1.1).
    """
    return (
        _attribute(USERNAME, username.encode())
        + _attribute(PRIORITY, PEER_REFLEXIVE.to_bytes(4, "big"))
        + _attribute(ICE_CONTROLLED, bytes(8))
    )


def encode_check(transaction_id: bytes, attributes: bytes, key: bytes) -> bytes:
    """Return a check with these attributes, signed with the peer's password."""
    return _signed(BINDING_REQUEST, transaction_id, attributes, key)


def encode_success(transaction_id: bytes, address: bytes, key: bytes) -> bytes:
    """Return the answer to a good check from `address`, a raw `sockaddr_in` or `sockaddr_in6`."""
    if len(address) == SOCKADDR_IN_BYTES:
        host = address[4:8]
    else:
        # A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d.
        host = address[8:24].removeprefix(V4_MAPPED)
    family = 1 if len(host) == 4 else 2
    # Port and host are XORed with the cookie, the rest of an IPv6 address with the transaction id,
    # so that no NAT takes them for addresses to translate (RFC 8489 §14.2).
    port = bytes((address[2] ^ COOKIE_BYTES[0], address[3] ^ COOKIE_BYTES[1]))
    pad = (COOKIE_BYTES + transaction_id)[: len(host)]
    xored = bytes(a ^ b for a, b in zip(host, pad, strict=True))
    mapped = bytes((0, family)) + port + xored
    return _signed(BINDING_SUCCESS, transaction_id, _attribute(XOR_MAPPED_ADDRESS, mapped), key)


def encode_role_conflict(transaction_id: bytes, key: bytes) -> bytes:
    """Return the error that makes a peer take the controlling role (RFC 8445 §7.3.1.1)."""
    error = pack("!HBB", 0, 4, 87) + b"Role Conflict"  # Class 4, number 87.
    return _signed(BINDING_ERROR, transaction_id, _attribute(ERROR_CODE, error), key)


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) % 4)


def _signed(kind: int, transaction_id: bytes, attributes: bytes, key: bytes) -> bytes:
    """Return a whole message, with MESSAGE-INTEGRITY and FINGERPRINT."""
    message = _HEADER.pack(kind, len(attributes) + 24, COOKIE, transaction_id) + attributes
    message += _attribute(MESSAGE_INTEGRITY, _signature(message, key))
    # The length that the CRC sees counts FINGERPRINT in, the one that was signed does not.
    length = len(message) - HEADER_LENGTH + 8
    message = b"".join((message[:2], length.to_bytes(2, "big"), message[4:]))
    return message + _attribute(FINGERPRINT, pack("!I", zlib.crc32(message) ^ FINGERPRINT_XOR))
