"""What a relay with a large audience pays for an egress that listens to it.

Two relays carry the same talk at the same time, and egress records one of them, then the other:
whatever else the machine does falls on both alike. Counted in nanoseconds of CPU for each delivered
packet, so that neither the clock's ticks nor the publisher's pace are in it. Of many short samples
the middle one counts. Blocks are added until the mean is known well enough or the time is up.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM

from tests.bench.crowd import Crowd
from tests.bench.egress.pairs import Difference, difference
from tests.bench.meter import read_cpu_finely
from tests.bench.peer import Identity
from tests.bench.publisher import Publisher
from tests.bench.shapes import Shape
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.media_relay.egress.process import EgressProcess, Web

SETTLE_S = 3.0  # Longer than the heartbeat by which a home learns that nobody reads any more.
SAMPLE_S = 0.25
SAMPLES = 16
WANTED = 0.02  # Half width of the interval.
LEAST_BLOCKS = 6


@dataclass(frozen=True)
class RelayRow:
    """The relay's CPU per delivered packet without and with egress, in µs, and egress's own share
    of a core.
    """

    shape: str
    listeners: int
    off_us: float
    on_us: float
    more: Difference
    egress_share: float


class Side:
    """One relay with a talk and its audience."""

    def __init__(self, relay: RelayProcess) -> None:
        self._relay = relay

    async def open(self, identity: Identity, listeners: int) -> None:
        self._bus = await Bus(self._relay.redis_url, self._relay.relay).start()
        self._room = LightRoom(Scene(self._bus), identity)
        self._room.keep_lease()
        self._web = await Web(self._relay.redis_url, self._room.scene.space).start()
        self._publisher = Publisher(await self._room.join("alice", microphone=True, camera=True))
        self._crowd = Crowd(self._room)
        await self._crowd.join(listeners)

    async def close(self) -> None:
        await self._web.close()
        await self._room.close()
        await self._bus.close()

    def begin(self, shape: Shape) -> None:
        self._publisher.begin(shape, time.monotonic())

    def end(self) -> None:
        self._publisher.stop()

    async def record(self, is_on: bool) -> None:
        recording = f"bench-{self._relay.relay}" if is_on else None
        await self._web.want(recording=recording, consented=("alice",))

    async def run(self, seconds: float) -> float:
        """Return the relay's CPU seconds per delivered packet over that time."""
        delivered, before = self._crowd.delivered, read_cpu_finely(self._relay.pid)
        await self._crowd.run(seconds, self._publisher.send_due)
        return read_cpu_finely(self._relay.pid).since(before).cpu_s / max(
            1, self._crowd.delivered - delivered
        )


@dataclass(frozen=True)
class Half:
    """Both sides' cost in the same while: of the one that is recorded, and of the other."""

    on_s: float
    off_s: float


class Bench:
    """Egress goes from one side to the other and back."""

    def __init__(self, sides: Sequence[Side], egress: EgressProcess) -> None:
        self._sides = list(sides)  # The first is recorded.
        self._egress = egress
        self._own: list[float] = []

    async def row(self, shape: Shape, listeners: int, most_s: float) -> RelayRow:
        """Measure for at most `most_s`, a block more or less."""
        for side in self._sides:
            side.begin(shape)
        await self._settle()
        halves, ratios, until = list[Half](), list[float](), time.monotonic() + most_s
        while time.monotonic() < until and not _is_known(ratios):
            one = await self._half()
            self._sides.reverse()
            await self._settle()
            # The next block begins as this one ends: no drift favours a side.
            other = await self._half()
            halves += [one, other]
            ratios.append(((one.on_s / one.off_s) * (other.on_s / other.off_s)) ** 0.5)
        for side in self._sides:
            side.end()
        off_us, on_us = (
            fmean(half.off_s for half in halves) * 1e6,
            fmean(half.on_s for half in halves) * 1e6,
        )
        return RelayRow(shape.name, listeners, off_us, on_us, difference(ratios), fmean(self._own))

    async def _settle(self) -> None:
        for side in self._sides:
            await side.record(side is self._sides[0])
        await self._run(SETTLE_S)

    async def _half(self) -> Half:
        own = read_cpu_finely(self._egress.pid)
        samples = [await self._run(SAMPLE_S) for _ in range(SAMPLES)]
        self._own.append(read_cpu_finely(self._egress.pid).since(own).share)
        middle = sorted(samples, key=lambda sample: sample[0] / sample[1])[len(samples) // 2]
        off_s = median(off for _, off in samples)
        return Half(off_s * middle[0] / middle[1], off_s)

    async def _run(self, seconds: float) -> tuple[float, float]:
        on_s, off_s = await asyncio.gather(*(side.run(seconds) for side in self._sides))
        return on_s, off_s


async def measure(
    relays: Sequence[RelayProcess],
    folder: Path,
    listeners: int,
    shapes: Sequence[Shape],
    most_s: float,
) -> list[RelayRow]:
    """Measure each of `shapes` for at most `most_s`, with so many listeners at each of two relays."""
    identity = Identity([SRTP_AEAD_AES_128_GCM])
    egress = EgressProcess(relays[0].redis_url, folder).start()
    sides: list[Side] = []
    try:
        for relay in relays:
            sides.append(Side(relay))
            await sides[-1].open(identity, listeners)
        bench = Bench(sides, egress)
        return [await bench.row(shape, listeners, most_s) for shape in shapes]
    finally:
        for side in sides:
            await side.close()
        egress.stop()


def _is_known(ratios: Sequence[float]) -> bool:
    return len(ratios) >= LEAST_BLOCKS and difference(ratios).half_width <= WANTED
