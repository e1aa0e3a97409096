"""`python -m tests.bench.churn`: people come and go by the thousand; memory and descriptors must
not follow them.
"""

import argparse
import asyncio
import time
from dataclasses import dataclass

from tests.bench.meter import descriptors, memory_kib, read_cpu
from tests.bench.peer import Identity
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene, running_relay
from tests.media_relay.blackbox.light import LightRoom
from tests.stack.endings import end_on_sigterm
from tests.stack.valkey import running_valkey
from tests.stack.waiting import until

STEPS = 10


@dataclass(frozen=True)
class Mark:
    """The relay's size after `joined` people have come and gone."""

    joined: int
    rss_kib: int
    descriptors: int
    cpu_s: float
    at: float

    def __str__(self) -> str:
        return f"| {self.joined:,} | {self.rss_kib / 1024:.1f} MiB | {self.descriptors} | {self.cpu_s:.1f} s |"


class Churn:
    """A live talk that `come_and_go` happens around."""

    def __init__(self, relay: RelayProcess, room: LightRoom) -> None:
        self.relay = relay
        self.room = room
        self.joined = 0

    async def prepare(self) -> None:
        speaker = await self.room.join("alice", microphone=True)
        self.witness = await self.room.join("bob")
        self.room.keep_speaking(speaker)

    async def come_and_go(self, count: int, concurrency: int = 8) -> Mark:
        """Let `count` listeners join, receive sound and leave, then measure the relay at rest."""
        gate = asyncio.Semaphore(concurrency)
        await asyncio.gather(*(self._visit(gate) for _ in range(count)))
        self.joined += count
        await until(lambda: self.relay.peers == 2, "only the two who stay are left")
        await self.witness.hears()
        return self.mark()

    def mark(self) -> Mark:
        pid = self.relay.pid
        cpu = read_cpu(pid)
        return Mark(
            self.joined, memory_kib(pid, "Rss"), descriptors(pid), cpu.cpu_s, time.monotonic()
        )

    async def _visit(self, gate: asyncio.Semaphore) -> None:
        async with gate:
            visitor = await self.room.join(consent=False)
            await visitor.hears(packets=1)
            await self.room.leave(visitor)
            self.room.scene.bus.forget(visitor.id)


async def churn(relay: RelayProcess, count: int) -> list[Mark]:
    """Return a mark before, and after each tenth of `count` visits."""
    bus = await Bus(relay.redis_url, relay.relay).start()
    room = LightRoom(Scene(bus), Identity())
    room.keep_lease()
    try:
        visits = Churn(relay, room)
        await visits.prepare()
        marks = [visits.mark()]
        for _ in range(STEPS):
            marks.append(await visits.come_and_go(count // STEPS))
            print(marks[-1], flush=True)
    finally:
        await room.close()
        await bus.close()
    return marks


def main() -> None:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.bench.churn", description=__doc__)
    parser.add_argument("--visits", type=int, default=10_000)
    chosen = parser.parse_args()
    print("| visits | memory | descriptors | CPU |\n|---|---|---|---|")
    with running_valkey() as valkey, running_relay(valkey.url) as relay:
        marks = asyncio.run(churn(relay, chosen.visits))
        assert relay.stop() == 0, relay.log
    late = [mark for mark in marks if mark.joined >= chosen.visits // 2]
    grown = late[-1].rss_kib - late[0].rss_kib
    print(
        f"\nSecond half: {grown:+} KiB, {late[-1].descriptors - late[0].descriptors:+} descriptors."
    )


if __name__ == "__main__":
    main()
