"""The STUN messages of an ICE-lite agent (RFC 8489): requests and their answers, in and out.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    |0 0|     message type          |   length of the attributes    |
    |                  magic cookie 0x2112A442                      |
    |                  transaction id (96 bits)                     |
    |          attribute            |      length of its value      |
    |          value, padded to whole words                     …   |

Parsed here rather than by aioice because hundreds of listeners each send checks every few seconds,
and answer ours: this takes a tenth of the time, and raises ValueError alone.
"""

import hmac
from struct import Struct, pack
from typing import NamedTuple
from zlib import crc32

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
_WORD = Struct("!I")
_MAPPED = Struct("!BBH")
_FINGERPRINT = Struct("!HHI")
_INTEGRITY_HEAD = _ATTRIBUTE.pack(MESSAGE_INTEGRITY, 20)


class BindingRequest(NamedTuple):
    """A connectivity check. Nothing in it may be believed before `is_signed` says so."""

    transaction_id: bytes
    local_ufrag: str  # Ours: the first half of USERNAME.
    remote_ufrag: str
    nominated: bool
    # The peer thinks that it is the controlled side, which a lite agent always is.
    controlled: bool
    integrity_at: int  # Offset of MESSAGE-INTEGRITY.


def parse_request(data: bytes) -> BindingRequest:
    """Return the binding request in `data`.

    Raises ValueError for anything else, UnicodeDecodeError included.
    """
    end = len(data)
    if end < HEADER_LENGTH:
        raise ValueError("STUN header is truncated")
    kind, length, cookie, transaction_id = _HEADER.unpack_from(data)
    if kind != BINDING_REQUEST or cookie != COOKIE:
        raise ValueError("STUN message is not a binding request")
    if length % 4 or end != HEADER_LENGTH + length:
        raise ValueError("STUN length does not match the datagram")
    username: bytes | None = None
    nominated = controlled = False
    integrity_at = attributes = 0
    position = HEADER_LENGTH
    while position < end:
        if position + 4 > end:
            raise ValueError("STUN attribute is truncated")
        kind, length = _ATTRIBUTE.unpack_from(data, position)
        attributes += 1
        if position + 4 + length > end or attributes > MAX_ATTRIBUTES or length > MAX_USERNAME:
            raise ValueError("STUN attribute is truncated or one too many")
        if kind == FINGERPRINT:
            if length != 4 or position + 8 != end:
                raise ValueError("STUN FINGERPRINT is not the last attribute")
            # The CRC of all before it (RFC 8489 §14.7).
            if _WORD.unpack_from(data, position + 4)[0] != crc32(data[:position]) ^ FINGERPRINT_XOR:
                raise ValueError("STUN FINGERPRINT does not match")
        elif integrity_at:
            pass  # What follows it is not signed (RFC 8489 §14.5).
        elif kind == MESSAGE_INTEGRITY:
            if length != 20:
                raise ValueError("STUN MESSAGE-INTEGRITY is not 20 bytes")
            integrity_at = position
        elif kind == USERNAME:
            if username is None:
                username = data[position + 4 : position + 4 + length]
        elif kind == USE_CANDIDATE:
            nominated = True
        elif kind == ICE_CONTROLLED:
            controlled = True
        position += 4 + (length + 3 & ~3)  # Values are padded to whole words.
    if not integrity_at:
        raise ValueError("STUN message is not signed")
    local, separator, remote = str(username or b"", "ascii").partition(":")
    if not separator:
        raise ValueError("STUN USERNAME is not ufrag:ufrag")
    return BindingRequest(transaction_id, local, remote, nominated, controlled, integrity_at)


class BindingAnswer(NamedTuple):
    """What came back for a check of ours. Nothing in it may be believed before `is_signed`."""

    transaction_id: bytes
    is_success: bool
    integrity_at: int  # Offset of MESSAGE-INTEGRITY.


def parse_answer(data: bytes) -> BindingAnswer:
    """Return the success or error response in `data`. Raises ValueError for anything else.

    Its address is of no interest, and what the CRC of FINGERPRINT would tell the signature does.
    """
    end = len(data)
    if end < HEADER_LENGTH:
        raise ValueError("STUN header is truncated")
    kind, length, cookie, transaction_id = _HEADER.unpack_from(data)
    if kind not in (BINDING_SUCCESS, BINDING_ERROR) or cookie != COOKIE:
        raise ValueError("STUN message is no answer to a binding request")
    if length % 4 or end != HEADER_LENGTH + length:
        raise ValueError("STUN length does not match the datagram")
    position = HEADER_LENGTH
    for _ in range(MAX_ATTRIBUTES):
        if position + 4 > end:
            break
        attribute, length = _ATTRIBUTE.unpack_from(data, position)
        if attribute == MESSAGE_INTEGRITY:
            if length != 20 or position + 24 > end:
                raise ValueError("STUN MESSAGE-INTEGRITY is not 20 bytes")
            return BindingAnswer(transaction_id, kind == BINDING_SUCCESS, position)
        position += 4 + (length + 3 & ~3)
    raise ValueError("STUN message is not signed")


def is_signed(data: bytes, integrity_at: int, key: bytes) -> bool:
    """Return whether MESSAGE-INTEGRITY of the datagram, at this offset, was made with `key`."""
    # The length in the header counts up to and with MESSAGE-INTEGRITY itself (RFC 8489 §14.5).
    length = integrity_at + 24 - HEADER_LENGTH
    signed = b"".join((data[:2], length.to_bytes(2, "big"), data[4:integrity_at]))
    return hmac.compare_digest(
        data[integrity_at + 4 : integrity_at + 24], hmac.digest(key, signed, "sha1")
    )


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
    port = (address[2] << 8 | address[3]) ^ COOKIE >> 16
    pad = int.from_bytes((COOKIE_BYTES + transaction_id)[: len(host)], "big")
    xored = (int.from_bytes(host, "big") ^ pad).to_bytes(len(host), "big")
    mapped = _MAPPED.pack(0, family, port) + xored
    return _signed(BINDING_SUCCESS, transaction_id, _attribute(XOR_MAPPED_ADDRESS, mapped), key)


def encode_role_conflict(transaction_id: bytes, key: bytes) -> bytes:
    """Return the error that makes a peer take the controlling role (RFC 8445 §7.3.1.1)."""
    error = pack("!HBB", 0, 4, 87) + b"Role Conflict"  # Class 4, number 87.
    return _signed(BINDING_ERROR, transaction_id, _attribute(ERROR_CODE, error), key)


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) % 4)


def _signed(kind: int, transaction_id: bytes, attributes: bytes, key: bytes) -> bytes:
    """Return a whole message, with MESSAGE-INTEGRITY and FINGERPRINT."""
    length = len(attributes)
    # The length that is signed counts the signature in, the one that the CRC sees itself, too.
    head = _HEADER.pack(kind, length + 24, COOKIE, transaction_id)
    signature = hmac.digest(key, head + attributes, "sha1")
    head = _HEADER.pack(kind, length + 32, COOKIE, transaction_id)
    message = b"".join((head, attributes, _INTEGRITY_HEAD, signature))
    return message + _FINGERPRINT.pack(FINGERPRINT, 4, crc32(message) ^ FINGERPRINT_XOR)
