"""What the same talk to the same number of listeners costs Janus, by each of its two plugins that
could serve them.
"""

import time
from typing import Protocol

from tests.bench.crowd import Crowd
from tests.bench.janus.gateway import Gateway, Message, speaking_to
from tests.bench.janus.process import JanusProcess
from tests.bench.janus.streaming import Source
from tests.bench.janus.videoroom import Stage
from tests.bench.janus.viewers import Audience
from tests.bench.meter import read_cpu
from tests.bench.peer import Identity
from tests.bench.report import JanusRow
from tests.bench.shapes import SHAPES, Shape

WARM_UP_S = 2.0


class Sender(Protocol):
    """Who the listeners hear, by one of the plugins; `wish` is what a listener asks it for."""

    @property
    def title(self) -> str: ...

    @property
    def plugin(self) -> str: ...

    @property
    def wish(self) -> Message: ...

    @property
    def sent(self) -> int: ...

    async def join(self, gateway: Gateway) -> None: ...

    def begin(self, shape: Shape, now: float) -> None: ...

    def stop(self) -> None: ...

    def send_due(self, now: float) -> None: ...

    async def leave(self) -> None: ...


async def measure(listeners: int, seconds: float) -> list[JanusRow]:
    """Return what Janus costs in each talk with so many viewers: first as an SFU, then as it is
    cheapest.
    """
    senders: list[Sender] = [Stage(), Source()]
    return [row for sender in senders for row in await _measure(sender, listeners, seconds)]


async def _measure(sender: Sender, listeners: int, seconds: float) -> list[JanusRow]:
    janus = JanusProcess(sender.plugin)
    try:
        async with speaking_to(janus, sender.plugin) as gateway:
            await sender.join(gateway)
            room = Audience(gateway, Identity(), sender.wish)
            crowd = Crowd(room)
            before = read_cpu(janus.pid)
            await crowd.join(listeners)
            join_ms = read_cpu(janus.pid).since(before).cpu_s / listeners * 1e3
            rows = [await _talk(janus, crowd, sender, shape, seconds, join_ms) for shape in SHAPES]
            await room.close()
            return rows
    finally:
        await sender.leave()
        janus.kill()


async def _talk(
    janus: JanusProcess, crowd: Crowd, sender: Sender, shape: Shape, seconds: float, join_ms: float
) -> JanusRow:
    sender.begin(shape, time.monotonic())
    await crowd.run(WARM_UP_S, sender.send_due)
    crowd.clear()
    sent, before = sender.sent, read_cpu(janus.pid)
    await crowd.run(seconds, sender.send_due)
    spent, sent = read_cpu(janus.pid).since(before), sender.sent - sent
    delivered, client_full = max(1, crowd.delivered), crowd.dropped_here()
    sender.stop()
    return JanusRow(
        plugin=sender.title,
        listeners=len(crowd.members),
        shape=shape.name,
        cpu_share=spent.share,
        per_packet_us=spent.cpu_s / delivered * 1e6,
        loss=crowd.loss_of(sent),
        client_full=client_full,
        cpu_per_join_ms=join_ms,
    )
