"""What a relay with a large audience pays for an egress that listens: the same talk with and without, in turn."""

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, variance

from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM

from tests.bench.crowd import Crowd
from tests.bench.meter import read_cpu
from tests.bench.peer import Identity
from tests.bench.publisher import Publisher
from tests.bench.shapes import SHAPES
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.media_relay.egress.process import EgressProcess, Web

SETTLE_S = 3.0  # Longer than the heartbeat by which a home learns that nobody reads any more.
ORDER = (False, True, True, False, False, True, True, False)  # A drift of the machine falls on both alike.


@dataclass(frozen=True)
class RelayRow:
    shape: str
    listeners: int
    off_share: float
    on_share: float
    error_share: float  # Standard error of their difference.
    egress_share: float

    @property
    def more(self) -> float:
        """How much more CPU the relay takes, as a share of what it takes without."""
        return self.on_share / self.off_share - 1 if self.off_share else 0.0

    @property
    def error(self) -> float:
        return self.error_share / self.off_share if self.off_share else 0.0


async def measure(relay: RelayProcess, folder: Path, listeners: int, seconds: float) -> list[RelayRow]:
    bus = await Bus(relay.redis_url, relay.relay).start()
    room = LightRoom(Scene(bus), Identity([SRTP_AEAD_AES_128_GCM]))
    room.keep_lease()
    egress = EgressProcess(relay.redis_url, folder).start()
    web = await Web(relay.redis_url, room.scene.space).start()
    rows = []
    try:
        publisher = Publisher(await room.join("alice", microphone=True, camera=True))
        crowd = Crowd(room)
        await crowd.join(listeners)
        for shape in SHAPES:
            publisher.begin(shape, time.monotonic())
            shares: dict[bool, list[float]] = {False: [], True: []}
            own: list[float] = []
            for is_on in ORDER:
                await web.want(recording="bench" if is_on else None, consented=("alice",))
                await crowd.run(SETTLE_S, publisher.send_due)
                before, own_before = read_cpu(relay.pid), read_cpu(egress.pid)
                await crowd.run(seconds, publisher.send_due)
                shares[is_on].append(read_cpu(relay.pid).since(before).share)
                if is_on:
                    own.append(read_cpu(egress.pid).since(own_before).share)
            rows.append(_row(shape.name, listeners, shares[False], shares[True], own))
            publisher.stop()
    finally:
        await web.close()
        await room.close()
        await bus.close()
        egress.stop()
    return rows


def _row(shape: str, listeners: int, off: list[float], on: list[float], own: list[float]) -> RelayRow:
    error = ((variance(off) + variance(on)) / len(off)) ** 0.5
    return RelayRow(shape, listeners, fmean(off), fmean(on), error, fmean(own))
