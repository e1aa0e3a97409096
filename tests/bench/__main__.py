"""`python -m tests.bench`: what the relay costs per packet, per join and per listener, beside this
machine's floor.
"""

import argparse
import asyncio
import resource
import time
from itertools import cycle

from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM

from tests.bench import floor
from tests.bench.crowd import Crowd
from tests.bench.janus import comparison, process
from tests.bench.meter import memory_kib, percentile, read_cpu
from tests.bench.peer import Identity
from tests.bench.publisher import Publisher
from tests.bench.report import JoinRow, Row, render, render_janus
from tests.bench.shapes import SHAPES, SPEECH_HZ, Shape
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene, running_relay
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.stack.endings import end_on_sigterm
from tests.stack.valkey import running_valkey

WARM_UP_S = 2.0  # Until the speaker is chosen, the first key frame is through and caches are warm.
DRAIN_S = 0.3


class Foyer:
    """An entrance to several Spaces: each listener goes to the next of them."""

    def __init__(self, rooms: list[LightRoom]) -> None:
        self._rooms = cycle(rooms)

    async def join(self, user: str = "", *, consent: bool = True) -> LightMember:
        return await next(self._rooms).join(user, consent=consent)


class Round:
    """One relay with one number of listeners, in one Space or shared among several, through all
    shapes.
    """

    def __init__(
        self, relay: RelayProcess, listeners: int, seconds: float, spaces: int = 1
    ) -> None:
        self.relay = relay
        self.listeners = listeners
        self.seconds = seconds
        self.spaces = spaces

    async def run(self) -> tuple[JoinRow, list[Row]]:
        bus = await Bus(self.relay.redis_url, self.relay.relay).start()
        identity = Identity([SRTP_AEAD_AES_128_GCM])
        rooms = [LightRoom(Scene(bus), identity) for _ in range(self.spaces)]
        try:
            for room in rooms:
                room.keep_lease()
            publishers = [
                Publisher(await room.join("alice", microphone=True, camera=True)) for room in rooms
            ]
            crowd = Crowd(Foyer(rooms))
            joined = await self._join(crowd)
            rows = [await self._talk(crowd, publishers, shape) for shape in SHAPES]
        finally:
            for room in rooms:
                await room.close()
            await bus.close()
        return joined, rows

    async def _join(self, crowd: Crowd) -> JoinRow:
        rest_kib, before, begun = (
            memory_kib(self.relay.pid),
            read_cpu(self.relay.pid),
            time.monotonic(),
        )
        await crowd.join(self.listeners)
        took_s = time.monotonic() - begun
        spent = read_cpu(self.relay.pid).since(before)
        grown_kib = memory_kib(self.relay.pid) - rest_kib
        count = self.listeners
        return JoinRow(
            count, count / took_s, spent.cpu_s / count * 1e3, grown_kib / count, rest_kib
        )

    async def _talk(self, crowd: Crowd, publishers: list[Publisher], shape: Shape) -> Row:
        now = time.monotonic()
        for index, publisher in enumerate(publishers):
            # Nobody's microphone waits for somebody else's: the beats of several talks lie evenly
            # beside each other.
            publisher.begin(shape, now + index / len(publishers) / (shape.frame_hz or SPEECH_HZ))

        def send_due(now: float) -> None:
            for publisher in publishers:
                publisher.send_due(now)

        await crowd.run(WARM_UP_S, send_due)
        crowd.clear()
        sent, before = _sent(publishers), read_cpu(self.relay.pid)
        await crowd.run(self.seconds, send_due)
        spent, sent = read_cpu(self.relay.pid).since(before), _sent(publishers) - sent
        delivered, client_full = crowd.delivered, crowd.dropped_here()
        for publisher in publishers:
            publisher.stop()
        await crowd.run(DRAIN_S, send_due)
        delays = [delay for probe in crowd.probes for delay in probe.delays_ms]
        costs = [await self._floor(crowd, shape, gso) for gso in (False, True)]
        return Row(
            listeners=self.listeners,
            spaces=self.spaces,
            shape=shape.name,
            packets_per_s=delivered / spent.wall_s,
            cpu_share=spent.share,
            per_packet_us=spent.cpu_s / max(1, delivered) * 1e6,
            floor_us=costs[0],
            gso_floor_us=costs[1],
            delay_p50_ms=percentile(delays, 0.5),
            delay_p99_ms=percentile(delays, 0.99),
            loss=crowd.loss_of(sent / self.spaces),
            client_full=client_full,
        )

    async def _floor(self, crowd: Crowd, shape: Shape, gso: bool) -> float:
        child = floor.measure(floor.Task(crowd.ports, shape, self.seconds / 2, gso))
        while child.poll() is None:
            await crowd.run(0.1, lambda now: None)
        return floor.cost_of(child).per_packet_us


def _sent(publishers: list[Publisher]) -> int:
    return sum(publisher.sent for publisher in publishers)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--listeners", type=int, nargs="+", default=[100, 400, 800])
    parser.add_argument(
        "--janus",
        type=int,
        nargs="*",
        default=[100, 400],
        help="of these, the ones to try with Janus",
    )
    parser.add_argument(
        "--spaces", type=int, default=4, help="share the most listeners among so many talks, too"
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each measured talk")
    return parser.parse_args()


def main() -> None:
    end_on_sigterm()
    chosen = arguments()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * max(chosen.listeners) + 512)), hard)
    )
    joins, rows = [], []
    with running_valkey() as valkey:
        for listeners in chosen.listeners:
            with running_relay(valkey.url) as relay:
                joined, measured = asyncio.run(Round(relay, listeners, chosen.seconds).run())
            joins.append(joined)
            rows += measured
        several: list[Row] = []
        if chosen.spaces > 1:
            with running_relay(valkey.url) as relay:
                _, several = asyncio.run(
                    Round(relay, max(chosen.listeners), chosen.seconds, chosen.spaces).run()
                )
    beside = asyncio.run(_beside_janus(chosen.janus, chosen.seconds, rows))
    print(render(joins, rows + several, chosen.seconds, beside))


async def _beside_janus(counts: list[int], seconds: float, ours: list[Row]) -> list[str]:
    """Return the paragraphs about Janus, or why there are none."""
    if not process.is_installed():
        return [
            "Janus is not installed (`sudo apt-get install janus`), so there is nothing to compare with."
        ]
    measured = {row.listeners for row in ours}
    found = [
        row
        for count in counts
        if count in measured
        for row in await comparison.measure(count, seconds)
    ]
    return render_janus(process.version(), found, ours) if found else []


if __name__ == "__main__":
    main()
