"""`python -m tests.bench.fuzz`: mutated datagrams against a running relay while two others talk.

Passes if the relay lives, logs no traceback and the listener loses less than 1 % of the speaker's
packets. A class is one kind of datagram; half of each comes from the attacker's validated address,
half from a stranger's socket.
"""

import argparse
import asyncio
import random
import secrets
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.peer import Identity, open_socket
from tests.bench.shots import CLASSES, Maker, protected
from tests.bench.synthetic import stamp_of
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene, running_relay
from tests.media_relay.blackbox.light import SPEECH_S, LightMember, LightRoom
from tests.stack.endings import end_on_sigterm
from tests.stack.valkey import running_valkey
from tests.stack.waiting import until

LOSS_LIMIT = 0.01
VOICE = bytes(range(64))  # Every packet of `Stream.speech` holds this; no shot does.
# Slow enough that the relay's receive buffer, not its wits, is never what loses packets.
RATE_HZ = 4000
BREATH_SHOTS = 8  # So often the speaker and everything else has its turn.
# A check goes out this often, as a shot with the right password may have moved the attacker.
RENEW_SHOTS = 64


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
        self.sent: list[int] = []
        self.heard: set[int] = set()
        self.last: list[bytes] = []

    async def prepare(self) -> None:
        self.speaker = await self.room.join("alice", microphone=True)
        self.listener = await self.room.join("bob")
        self.listener.peer.on_rtp = self._on_rtp
        self.room.repeat(self._speak, SPEECH_S, "alice speaks")
        self.attacker = await self._enter()
        self.stranger = open_socket()
        await self._settle()

    async def _enter(self) -> LightMember:
        return await self.room.join("mallory", microphone=True, camera=True, screen=True)

    async def run(self, name: str, shots: int) -> Outcome:
        """Send `shots` datagrams of one class, half from inside; `last` keeps the most recent ones."""
        return await self._fire(name, shots, self._shots(CLASSES[name], shots))

    async def replay(self, datagrams: list[bytes], keyed: bool) -> Outcome:
        """Send each datagram from inside and from outside, protected with the attacker's key first
        if `keyed`.
        """
        if keyed:
            datagrams = [protected(self.attacker, datagram) for datagram in datagrams]
        return await self._fire(
            "replay", 2 * len(datagrams), (d for d in datagrams for _ in range(2))
        )

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
        self.sent.clear()
        for number, datagram in enumerate(datagrams):
            self._shoot(datagram, inside=number % 2 == 0)
            if number % RENEW_SHOTS == 0:
                self.attacker.peer.check()
                reopened += await self._reopen_if_closed()
            if number % BREATH_SHOTS == 0:
                await asyncio.sleep(max(0.0, begun + number / self.rate_hz - time.monotonic()))
        sent = await self._settle()
        missing = sum(stamp not in self.heard for stamp in sent)
        return Outcome(name, shots, time.monotonic() - begun, missing / len(sent), reopened)

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

    async def _settle(self) -> list[int]:
        """Wait until the listener hears something newer than all that was sent, and return that.

        Raises TimeoutError if the talk has died.
        """
        await until(lambda: self.sent, "the speaker says something")
        sent = list(self.sent)
        await until(lambda: max(self.heard, default=0) > sent[-1], "the talk goes on", 5)
        return sent

    async def _reopen_if_closed(self) -> int:
        """Come back if the relay threw the attacker out, which it may."""
        if self.room.scene.bus.heard(self.attacker.id, "relay.closed") is None:
            return 0
        await self.attacker.peer.close()
        self.room.members.remove(self.attacker)
        self.attacker = await self._enter()
        return 1

    def _on_rtp(self, packet: bytes) -> None:
        if VOICE in packet:
            self.heard.add(stamp_of(packet))

    def _speak(self) -> None:
        self.sent.append(stamp_of(self.speaker.speak()))


def _empty(opened: socket.socket) -> None:
    try:
        while True:
            opened.recv(2048)
    except (BlockingIOError, ConnectionRefusedError):
        return


async def attack(
    relay: RelayProcess, names: list[str], shots: int, seed: int, rate_hz: float
) -> list[Outcome]:
    """Run the classes in turn and return what each did.

    Raises AssertionError if the relay ended or stumbled.
    """
    bus = await Bus(relay.redis_url, relay.relay).start()
    room = LightRoom(Scene(bus), Identity())
    room.keep_lease()
    try:
        campaign = Attack(room, seed, rate_hz)
        await campaign.prepare()
        outcomes = []
        for name in names:
            outcomes.append(await campaign.run(name, shots))
            print(outcomes[-1], flush=True)
            assert relay.alive, f"The relay ended during {name}:\n{relay.log[-4000:]}"
            assert "Traceback" not in relay.log, f"{name}:\n{relay.log[-4000:]}"
    finally:
        await room.close()
        await bus.close()
    return outcomes


def main() -> None:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz", description=__doc__)
    parser.add_argument("--shots", type=int, default=100_000, help="datagrams of each class")
    parser.add_argument("--classes", nargs="+", default=list(CLASSES), choices=CLASSES)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--rate", type=float, default=RATE_HZ, help="datagrams a second")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}\n")
    print(
        "| class | datagrams | time | loss of others | attacker thrown out |\n|---|---|---|---|---|"
    )
    with running_valkey() as valkey, running_relay(valkey.url) as relay:
        outcomes = asyncio.run(
            attack(relay, chosen.classes, chosen.shots, chosen.seed, chosen.rate)
        )
        assert relay.stop() == 0
    worst = max(outcome.loss for outcome in outcomes)
    raise SystemExit(0 if worst < LOSS_LIMIT else f"Others lost {worst:.2%}.")


if __name__ == "__main__":
    main()
