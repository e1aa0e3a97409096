"""`python -m tests.bench.fuzz`: mutated datagrams against a running relay while two others talk.

Passes if the relay lives, logs no traceback and the listener loses less than 1 % of the speaker's packets. A class is
one kind of datagram; half of each comes from the attacker's validated address, half from a stranger's socket.
"""

import argparse
import asyncio
import random
import secrets
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pylibsrtp import Error as SrtpError

from tests.bench import stun
from tests.bench.peer import Identity, open_socket
from tests.bench.synthetic import header_extension
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.stack.valkey import running_valkey
from tests.stack.waiting import until

LOSS_LIMIT = 0.01
VOICE = bytes(range(64))  # Every packet of `Stream.speech` holds this; nothing here makes it.
RATE_HZ = 4000  # Slow enough that the relay's receive buffer, not its wits, is never what loses packets.
RENEW_SHOTS = 64  # A check goes out this often, as a shot with the right password may have moved the attacker.
MAX_PROTECTED = 1400
Maker = Callable[[random.Random, LightMember], bytes]


def mutate(source: random.Random, data: bytes) -> bytes:
    """Return `data` with a few bits, bytes or lengths changed; now and then unchanged."""
    changed = bytearray(data)
    for _ in range(source.choice((0, 1, 1, 2, 4, 16))):
        _MUTATIONS[source.randrange(len(_MUTATIONS))](source, changed)
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
        data[start : start + 2] = struct.pack("!H", source.choice((0, 1, 3, 255, 1500, 0x7FFF, 0xFFFF)))


_MUTATIONS = (_flip, _flip, _set, _cut, _stretch, _splice, _length)


# --- classes ---------------------------------------------------------------------------------------------------------


def stun_shot(source: random.Random, attacker: LightMember) -> bytes:
    """A check: mutated after sealing, or with strange attributes sealed by the right password."""
    peer = attacker.peer
    request = stun.binding_request(peer.username, peer.offer.password)
    if source.random() < 0.5:
        return mutate(source, request)
    body = stun.attribute(stun.USERNAME, peer.username.encode())
    for _ in range(source.randrange(12)):
        body += stun.attribute(source.randrange(0x10000), source.randbytes(source.randrange(40)))
    kind = source.choice((stun.BINDING_REQUEST, 0x0011, 0x0101, 0x0111, 0x0003, source.randrange(0x4000)))
    return stun.sealed(kind, source.randbytes(12), body, peer.offer.password)


def dtls_shot(source: random.Random, attacker: LightMember) -> bytes:
    """A record of any type and epoch, or a mutated ClientHello."""
    kind = source.choice((20, 21, 22, 23, 24, 25, 26, 63))
    version = source.choice((0xFEFF, 0xFEFD, 0xFEFC, 0x0303))
    body = source.choice((_client_hello(source), b"\x02\x28", b"\x01\x00", source.randbytes(source.randrange(300))))
    number = source.choice((0, 1, source.getrandbits(48)))
    head = struct.pack(
        "!BHHHIH", kind, version, source.choice((0, 1, 2, 0xFFFF)), number >> 32, number & 0xFFFFFFFF, len(body)
    )
    return mutate(source, head + body)


def rtp_shot(source: random.Random, attacker: LightMember) -> bytes:
    """A packet protected with the attacker's good key, from one of 1000 SSRCs or the announced ones."""
    return protected(attacker, mutate(source, _rtp(source, attacker)))


def rtp_keyless_shot(source: random.Random, attacker: LightMember) -> bytes:
    return mutate(source, _rtp(source, attacker) + source.randbytes(16))


def rtcp_shot(source: random.Random, attacker: LightMember) -> bytes:
    """A compound of mutated reports and feedback, protected with the attacker's good key."""
    return protected(attacker, b"".join(mutate(source, _rtcp(source, attacker)) for _ in range(source.randrange(1, 4))))


def rtcp_keyless_shot(source: random.Random, attacker: LightMember) -> bytes:
    return mutate(source, _rtcp(source, attacker) + source.randbytes(20))


def noise_shot(source: random.Random, attacker: LightMember) -> bytes:
    """Nothing, next to nothing, far too much, and every first byte."""
    size = source.choice((0, 1, 2, 3, 11, 12, 13, 19, 20, 1357, 1500, 1501, 4096, 9000, source.randrange(9000)))
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
        return outbound.protect_rtcp(packet[:1300]) if is_rtcp else outbound.protect(packet[:MAX_PROTECTED])
    except (SrtpError, ValueError):
        return packet


def _client_hello(source: random.Random) -> bytes:
    body = struct.pack("!H32sBB", 0xFEFD, source.randbytes(32), 0, 0) + b"\x00\x02\xc0\x2b\x01\x00"
    body += struct.pack("!H", 4) + b"\x00\x0e\x00\x00"
    fragment = source.choice((len(body), 1, 0xFFFFFF))
    head = struct.pack("!B", 1) + len(body).to_bytes(3, "big") + struct.pack("!H", source.choice((0, 1, 0xFFFF)))
    return head + source.choice((0, 1, 0xFFFFFF)).to_bytes(3, "big") + fragment.to_bytes(3, "big") + body


def _rtp(source: random.Random, attacker: LightMember) -> bytes:
    stream = attacker.streams[source.choice(("microphone", "camera", "display"))]
    kind = source.choice((stream.section.media_type, stream.section.media_type | 0x80, source.randrange(256)))
    ssrc = source.choice((stream.ssrc, source.randrange(1, 1001)))
    sources = source.choice((0, 0, 0, 15))
    extension = source.choice((b"", _extension(source)))
    first = 0x80 | (0x10 if extension else 0) | source.choice((0, 0, 0x20)) | sources
    head = struct.pack("!BBHII", first, kind, source.randrange(65536), source.getrandbits(32), ssrc)
    body = source.choice((b"", b"\x90\x80", b"\x90\x80\x80", b"\xff" * 6, source.randbytes(source.randrange(1200))))
    return head + source.randbytes(4 * sources) + extension + body + source.choice((b"", b"\xff", b"\x00"))


def _extension(source: random.Random) -> bytes:
    """A header extension block: right, of a wrong length, of the two-byte kind, or of no kind at all."""
    right = header_extension([(source.randrange(1, 15), source.randbytes(source.randrange(1, 16))) for _ in range(3)])
    wrong = struct.pack("!HH", 0xBEDE, source.choice((0, 1, 0xFFFF))) + right[4:]
    cut = struct.pack("!HH", 0xBEDE, 1) + bytes([0x1F, 0x2F, 0x3F, 0x4F])
    two_byte = struct.pack("!HHBB", 0x1000, 1, 1, 0xFF) + b"ab"
    return source.choice((right, wrong, cut, two_byte, struct.pack("!HH", source.randrange(65536), 0)))


def _rtcp(source: random.Random, attacker: LightMember) -> bytes:
    kind = source.choice((200, 201, 202, 203, 204, 205, 205, 206, 206, 207, 192, 223))
    count = source.randrange(32)
    slots = [ssrc for section in attacker.peer.offer.sections for ssrc in section.ssrcs] or [1]
    media = source.choice((source.choice(slots), attacker.peer.ssrcs_first(), source.randrange(1, 1001)))
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


# --- the attack ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What one class did: `loss` is the share of the speaker's packets the listener did not get."""

    name: str
    shots: int
    seconds: float
    loss: float
    reopened: int

    def __str__(self) -> str:
        return f"| {self.name} | {self.shots:,} | {self.seconds:.0f} s | {self.loss:.3%} | {self.reopened} |"


class Attack:
    """Two who talk and one who shoots, in one Space."""

    def __init__(self, room: LightRoom, seed: int, rate_hz: float = RATE_HZ) -> None:
        self.room = room
        self.random = random.Random(seed)
        self.rate_hz = rate_hz
        self.heard = 0
        self.last: list[bytes] = []

    async def prepare(self) -> None:
        self.speaker = await self.room.join("alice", microphone=True)
        self.listener = await self.room.join("bob")
        self.listener.peer.on_rtp = self._on_rtp
        self.room.keep_speaking(self.speaker)
        self.attacker = await self._enter()
        self.stranger = open_socket()

    async def _enter(self) -> LightMember:
        return await self.room.join("mallory", microphone=True, camera=True, screen=True)

    async def run(self, name: str, shots: int) -> Outcome:
        """Send `shots` datagrams of one class, half from inside; `last` keeps the most recent ones."""
        return await self._fire(name, shots, self._shots(CLASSES[name], shots))

    async def replay(self, datagrams: list[bytes], keyed: bool) -> Outcome:
        """Send each datagram from inside and from outside, protected with the attacker's key first if `keyed`."""
        if keyed:
            datagrams = [protected(self.attacker, datagram) for datagram in datagrams]
        return await self._fire("replay", 2 * len(datagrams), (d for d in datagrams for _ in range(2)))

    async def many_streams(self, count: int) -> Outcome:
        """Send one good packet from inside in each of `count` SSRCs of the attacker's microphone."""
        stream = self.attacker.streams["microphone"]

        def packets() -> Iterator[bytes]:
            for ssrc in range(1, count + 1):
                stream.ssrc = ssrc
                yield protected(self.attacker, stream.speech())
                yield protected(self.attacker, stream.speech())

        return await self._fire("many streams", 2 * count, packets())

    async def _fire(self, name: str, shots: int, datagrams: Iterator[bytes]) -> Outcome:
        begun, reopened = time.monotonic(), 0
        sent, heard = self.speaker.streams["microphone"].sent, self.heard
        for number, datagram in enumerate(datagrams):
            self._shoot(datagram, inside=number % 2 == 0)
            if number % RENEW_SHOTS == 0:
                self.attacker.peer.check()
                reopened += await self._reopen_if_closed()
                await asyncio.sleep(max(0.0, begun + number / self.rate_hz - time.monotonic()))
        await self._settle()
        sent, heard = self.speaker.streams["microphone"].sent - sent, self.heard - heard
        # The listener may be a packet ahead or behind at both ends of the measured stretch.
        return Outcome(name, shots, time.monotonic() - begun, max(0.0, 1 - (heard + 1) / max(1, sent)), reopened)

    def _shots(self, maker: Maker, count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield maker(self.random, self.attacker)

    def _shoot(self, datagram: bytes, inside: bool) -> None:
        self.last = [*self.last[-63:], datagram]
        if inside:
            self.attacker.peer.send(datagram)
            return
        try:
            self.stranger.sendto(datagram, self.attacker.peer.address)
        except (BlockingIOError, ConnectionRefusedError):
            return
        _empty(self.stranger)

    async def _settle(self) -> None:
        """Wait until everything sent has had its time; fails if the talk has died."""
        before = self.heard
        await until(lambda: self.heard >= before + 10, "the talk goes on", 5)

    async def _reopen_if_closed(self) -> int:
        """Come back if the relay threw the attacker out, which it may."""
        if self.room.scene.bus.heard(self.attacker.id, "relay.closed") is None:
            return 0
        await self.attacker.peer.close()
        self.room.members.remove(self.attacker)
        self.attacker = await self._enter()
        return 1

    def _on_rtp(self, packet: bytes) -> None:
        self.heard += VOICE in packet


def _empty(opened: socket.socket) -> None:
    try:
        while True:
            opened.recv(2048)
    except (BlockingIOError, ConnectionRefusedError):
        return


async def attack(relay: RelayProcess, shots: int, seed: int, rate_hz: float) -> list[Outcome]:
    """Run every class in turn and return what each did. Raises AssertionError if the relay ended or stumbled."""
    bus = await Bus(relay.redis_url, relay.relay).start()
    room = LightRoom(Scene(bus), Identity())
    try:
        campaign = Attack(room, seed, rate_hz)
        await campaign.prepare()
        outcomes = []
        for name in CLASSES:
            outcomes.append(await campaign.run(name, shots))
            print(outcomes[-1], flush=True)
            assert relay.alive, f"The relay ended during {name}:\n{relay.log[-4000:]}"
            assert "Traceback" not in relay.log, f"{name}:\n{relay.log[-4000:]}"
    finally:
        await room.close()
        await bus.close()
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz", description=__doc__)
    parser.add_argument("--shots", type=int, default=100_000, help="datagrams of each class")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--rate", type=float, default=RATE_HZ, help="datagrams a second")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}\n")
    print("| class | datagrams | time | loss of others | attacker thrown out |\n|---|---|---|---|---|")
    with running_valkey() as valkey:
        relay = RelayProcess(valkey.url).start()
        outcomes = asyncio.run(attack(relay, chosen.shots, chosen.seed, chosen.rate))
        assert relay.stop() == 0
    worst = max(outcome.loss for outcome in outcomes)
    raise SystemExit(0 if worst < LOSS_LIMIT else f"Others lost {worst:.2%}.")


if __name__ == "__main__":
    main()
