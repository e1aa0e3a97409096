"""Datagrams made to hurt: one maker for each kind, all from one seeded source of chance."""

import random
import struct
from collections.abc import Callable

from pylibsrtp import Error as SrtpError

from tests.bench import stun
from tests.bench.synthetic import header_extension
from tests.media_relay.blackbox.light import LightMember

MAX_DATAGRAM = 9000
MAX_PROTECTED = 1400  # libsrtp's binding takes no more.
MAX_PROTECTED_RTCP = 1300
Maker = Callable[[random.Random, LightMember], bytes]


def mutate(source: random.Random, data: bytes) -> bytes:
    """Return `data` with a few bits, bytes or lengths changed; now and then unchanged."""
    changed = bytearray(data)
    for _ in range(source.choice((0, 1, 1, 2, 4, 16))):
        _MUTATIONS[source.randrange(len(_MUTATIONS))](source, changed)
        del changed[MAX_DATAGRAM:]  # Splices double what is there.
    return bytes(changed)


def _flip(source: random.Random, data: bytearray) -> None:
    if data:
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)


def _set(source: random.Random, data: bytearray) -> None:
    if data:
        data[source.randrange(len(data))] = source.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))


def _cut(source: random.Random, data: bytearray) -> None:
    del data[source.randrange(len(data) + 1) :]


def _stretch(source: random.Random, data: bytearray) -> None:
    data += source.randbytes(source.choice((1, 3, 4, 40, 400)))


def _splice(source: random.Random, data: bytearray) -> None:
    if data:
        start = source.randrange(len(data))
        data[start:start] = data[: source.randrange(len(data) + 1)]


def _length(source: random.Random, data: bytearray) -> None:
    """Overwrite two bytes with a length that lies."""
    if len(data) > 3:
        start = source.randrange(len(data) - 1)
        data[start : start + 2] = struct.pack(
            "!H", source.choice((0, 1, 3, 255, 1500, 0x7FFF, 0xFFFF))
        )


_MUTATIONS = (_flip, _flip, _set, _cut, _stretch, _splice, _length)


# --- kinds ----------------------------------------------------------------------------------------


def stun_shot(source: random.Random, attacker: LightMember) -> bytes:
    """A check: mutated after sealing, or with strange attributes sealed by the right password."""
    peer = attacker.peer
    request = stun.binding_request(peer.username, peer.offer.password)
    if source.random() < 0.5:
        return mutate(source, request)
    body = stun.attribute(stun.USERNAME, peer.username.encode())
    for _ in range(source.randrange(12)):
        body += stun.attribute(source.randrange(0x10000), source.randbytes(source.randrange(40)))
    kind = source.choice(
        (stun.BINDING_REQUEST, 0x0011, 0x0101, 0x0111, 0x0003, source.randrange(0x4000))
    )
    return stun.sealed(kind, source.randbytes(12), body, peer.offer.password)


def dtls_shot(source: random.Random, attacker: LightMember) -> bytes:
    """A record of any type and epoch, or a mutated ClientHello."""
    kind = source.choice((20, 21, 22, 23, 24, 25, 26, 63))
    version = source.choice((0xFEFF, 0xFEFD, 0xFEFC, 0x0303))
    body = source.choice(
        (_client_hello(source), b"\x02\x28", b"\x01\x00", source.randbytes(source.randrange(300)))
    )
    number = source.choice((0, 1, source.getrandbits(48)))
    head = struct.pack(
        "!BHHHIH",
        kind,
        version,
        source.choice((0, 1, 2, 0xFFFF)),
        number >> 32,
        number & 0xFFFFFFFF,
        len(body),
    )
    return mutate(source, head + body)


def rtp_shot(source: random.Random, attacker: LightMember) -> bytes:
    """A packet protected with the attacker's good key, from one of 1000 SSRCs or the announced
    ones.
    """
    return protected(attacker, mutate(source, _rtp(source, attacker)))


def rtp_keyless_shot(source: random.Random, attacker: LightMember) -> bytes:
    return mutate(source, _rtp(source, attacker) + source.randbytes(16))


def rtcp_shot(source: random.Random, attacker: LightMember) -> bytes:
    """A compound of mutated reports and feedback, protected with the attacker's good key."""
    return protected(
        attacker,
        b"".join(mutate(source, _rtcp(source, attacker)) for _ in range(source.randrange(1, 4))),
    )


def rtcp_keyless_shot(source: random.Random, attacker: LightMember) -> bytes:
    return mutate(source, _rtcp(source, attacker) + source.randbytes(20))


def noise_shot(source: random.Random, attacker: LightMember) -> bytes:
    """Nothing, next to nothing, far too much, and every first byte."""
    size = source.choice(
        (0, 1, 2, 3, 11, 12, 13, 19, 20, 1357, 1500, 1501, 4096, 9000, source.randrange(9000))
    )
    return (bytes([source.randrange(256)]) + source.randbytes(max(0, size - 1)))[:size]


CLASSES: dict[str, Maker] = {
    "STUN": stun_shot,
    "DTLS": dtls_shot,
    "RTP with keys": rtp_shot,
    "RTP without keys": rtp_keyless_shot,
    "RTCP with keys": rtcp_shot,
    "RTCP without keys": rtcp_keyless_shot,
    "noise": noise_shot,
}


def protected(attacker: LightMember, packet: bytes) -> bytes:
    """Return `packet` as SRTP or SRTCP of the attacker; as it is when libsrtp will not have it."""
    outbound = attacker.peer.outbound
    assert outbound is not None
    is_rtcp = len(packet) > 1 and 192 <= packet[1] <= 223
    try:
        return (
            outbound.protect_rtcp(packet[:MAX_PROTECTED_RTCP])
            if is_rtcp
            else outbound.protect(packet[:MAX_PROTECTED])
        )
    except (SrtpError, ValueError):
        return packet


def _client_hello(source: random.Random) -> bytes:
    body = struct.pack("!H32sBB", 0xFEFD, source.randbytes(32), 0, 0) + b"\x00\x02\xc0\x2b\x01\x00"
    body += struct.pack("!H", 4) + b"\x00\x0e\x00\x00"
    fragment = source.choice((len(body), 1, 0xFFFFFF))
    head = (
        struct.pack("!B", 1)
        + len(body).to_bytes(3, "big")
        + struct.pack("!H", source.choice((0, 1, 0xFFFF)))
    )
    return (
        head
        + source.choice((0, 1, 0xFFFFFF)).to_bytes(3, "big")
        + fragment.to_bytes(3, "big")
        + body
    )


def _rtp(source: random.Random, attacker: LightMember) -> bytes:
    stream = attacker.streams[source.choice(("microphone", "camera", "display"))]
    kind = source.choice(
        (stream.section.media_type, stream.section.media_type | 0x80, source.randrange(256))
    )
    ssrc = source.choice((stream.ssrc, source.randrange(1, 1001)))
    sources = source.choice((0, 0, 0, 15))
    extension = source.choice((b"", _extension(source)))
    first = 0x80 | (0x10 if extension else 0) | source.choice((0, 0, 0x20)) | sources
    head = struct.pack("!BBHII", first, kind, source.randrange(65536), source.getrandbits(32), ssrc)
    body = source.choice(
        (b"", b"\x90\x80", b"\x90\x80\x80", b"\xff" * 6, source.randbytes(source.randrange(1200)))
    )
    return (
        head
        + source.randbytes(4 * sources)
        + extension
        + body
        + source.choice((b"", b"\xff", b"\x00"))
    )


def _extension(source: random.Random) -> bytes:
    """A header extension block: right, of a wrong length, of the two-byte kind, or of no kind at
    all.
    """
    right = header_extension(
        [(source.randrange(1, 15), source.randbytes(source.randrange(1, 16))) for _ in range(3)]
    )
    wrong = struct.pack("!HH", 0xBEDE, source.choice((0, 1, 0xFFFF))) + right[4:]
    cut = struct.pack("!HH", 0xBEDE, 1) + bytes([0x1F, 0x2F, 0x3F, 0x4F])
    two_byte = struct.pack("!HHBB", 0x1000, 1, 1, 0xFF) + b"ab"
    return source.choice(
        (right, wrong, cut, two_byte, struct.pack("!HH", source.randrange(65536), 0))
    )


def _rtcp(source: random.Random, attacker: LightMember) -> bytes:
    kind = source.choice((200, 201, 202, 203, 204, 205, 205, 206, 206, 207, 192, 223))
    count = source.randrange(32)
    slots = [ssrc for section in attacker.peer.offer.sections for ssrc in section.ssrcs] or [1]
    media = source.choice(
        (source.choice(slots), attacker.peer.ssrcs_first(), source.randrange(1, 1001))
    )
    body = struct.pack("!II", attacker.peer.ssrcs_first(), media) + source.choice(
        (
            b"",
            b"\xff\xff\xff\xff",
            struct.pack("!HH", 65535, 0xFFFF) * source.randrange(1, 200),
            b"REMB\x7f\xff\xff\xff",
        )
    )
    words = source.choice((len(body) // 4, len(body) // 4, 0, 0xFFFF))
    return struct.pack("!BBH", 0x80 | source.choice((0, 0x20)) | count, kind, words) + body
