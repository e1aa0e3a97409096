"""What is done to a room full of listeners, and what is read off meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench.meter import memory_kib, read_cpu
from tests.bench.room.crowd import Crowd, Listener
from tests.stack.waiting import until

REACH_TIMEOUT_S = 30.0
# Below the 20 messages a second at which a socket is cut for talking too much.
SNAPSHOT_EVERY_S = 0.08
SLOW_TIMEOUT_S = 90.0


@dataclass(frozen=True)
class Joined:
    """What it cost to let `sockets` in, and how big they made the server."""

    sockets: int
    took_s: float
    cpu_ms: float
    kib: float


@dataclass(frozen=True)
class Spread:
    """Messages to everybody: the delay of each to each, when the last had it, and the CPU time of
    one to one socket.
    """

    delays_ms: list[float]
    last_ms: list[float]
    cpu_us: float


@dataclass(frozen=True)
class Applause:
    """Reactions: offered and taken a second, and messages a second that the busiest client got for
    them.
    """

    offered_per_s: float
    taken_per_s: float
    messages_per_s: float
    cpu_share: float


@dataclass(frozen=True)
class Slow:
    """Readers that stopped reading: how many were cut and after how long, and the server's memory
    around it.
    """

    readers: int
    cut: int
    took_s: float
    before_kib: int
    peak_kib: int
    spread: Spread
    others_lost: int


async def join(crowd: Crowd, pid: int, cookies: Sequence[str], first: bytes = b"") -> Joined:
    before, rest_kib, begun = read_cpu(pid), memory_kib(pid), time.monotonic()
    await crowd.join(cookies, first)
    spent, count = read_cpu(pid).since(before), len(cookies)
    return Joined(
        count,
        time.monotonic() - begun,
        spent.cpu_s / count * 1e3,
        (memory_kib(pid) - rest_kib) / count,
    )


async def idle(pid: int, seconds: float) -> float:
    """Return the share of a core that the server needs for pings alone."""
    before = read_cpu(pid)
    await asyncio.sleep(seconds)
    return read_cpu(pid).since(before).share


async def spread(
    crowd: Crowd,
    pid: int,
    kind: bytes,
    tell: Callable[[int], Awaitable[None]],
    times: int,
    every_s: float,
    rest: float,
) -> Spread:
    """Let `tell` cause a message of `kind` to everybody, `times` times; `rest` is the idle share,
    taken off the CPU.
    """
    crowd.watch(kind)
    sent: list[float] = []
    before = read_cpu(pid)
    for number in range(times):
        sent.append(time.monotonic())
        await tell(number)
        everybody_has_it = partial(crowd.have, number + 1)
        await until(everybody_has_it, "everybody has the message", REACH_TIMEOUT_S)
        await asyncio.sleep(max(0.0, sent[-1] + every_s - time.monotonic()))
    spent = read_cpu(pid).since(before)
    took = [
        [(listener.arrivals[i] - at) * 1e3 for listener in crowd.listeners]
        for i, at in enumerate(sent)
    ]
    cpu_s = max(0.0, spent.cpu_s - rest * spent.wall_s)
    per_message = cpu_s / times / len(crowd.listeners) * 1e6
    return Spread(
        [delay for delays in took for delay in delays],
        [max(delays) for delays in took],
        per_message,
    )


async def applause(
    crowd: Crowd, pid: int, people: Sequence[Listener], per_s: int, seconds: int
) -> Applause:
    """Let `people` react in turn, `per_s` times a second in all, for `seconds`."""
    crowd.watch(b"reactions")
    taken, before, begun = crowd.total(b"ok"), read_cpu(pid), time.monotonic()
    for number in range(seconds * per_s):
        due_at = begun + number / per_s
        if due_at > time.monotonic():
            await asyncio.sleep(due_at - time.monotonic())
        people[number % len(people)].socket.send('{"type":"reaction.send","emoji":"👏"}')
    spent = read_cpu(pid).since(before)
    heard = max(
        sum(at < begun + spent.wall_s for at in listener.arrivals) for listener in crowd.listeners
    )
    took_s = spent.wall_s
    answered = crowd.total(b"ok") - taken
    return Applause(seconds * per_s / took_s, answered / took_s, heard / took_s, spent.share)


async def slow_readers(
    crowd: Crowd, pid: int, count: int, talk: Callable[[], Awaitable[Spread]], rest_of_crowd: int
) -> Slow:
    """Let visitors in who ask for much and read nothing: half say what they saw last, half never
    say anything.
    """
    at_rest = established(crowd.address.port)
    slow = Crowd(crowd.address)
    readers = await slow.join([""] * count, b"space.snapshot")
    for reader in readers[: count // 2]:
        reader.ping()
    await until(lambda: all(reader.seen for reader in readers[: count // 2]), "pongs have come")
    before_kib = memory_kib(pid)
    for reader in readers:
        reader.socket.stop_reading()
    asking = asyncio.create_task(_ask_and_do_not_read(readers), name="slow readers")
    watching = asyncio.create_task(_watch(pid, crowd.address.port, at_rest), name="memory")
    during = await talk()
    peak_kib, took_s = await watching
    cut = count - max(0, established(crowd.address.port) - at_rest)
    asking.cancel()
    await slow.close()
    return Slow(count, cut, took_s, before_kib, peak_kib, during, crowd.lost - rest_of_crowd)


async def _ask_and_do_not_read(readers: Sequence[Listener]) -> None:
    while True:
        for reader in readers:
            reader.socket.send('{"type":"snapshot.get"}')
        await asyncio.sleep(SNAPSHOT_EVERY_S)


async def _watch(pid: int, port: int, at_rest: int) -> tuple[int, float]:
    """Return the greatest memory until the server has only `at_rest` connections, and how long that
    took.
    """
    begun, peak_kib = time.monotonic(), 0
    while established(port) > at_rest and time.monotonic() < begun + SLOW_TIMEOUT_S:
        peak_kib = max(peak_kib, memory_kib(pid))
        await asyncio.sleep(0.5)
    return peak_kib, time.monotonic() - begun


def established(port: int) -> int:
    """Return how many TCP connections the server on `port` of the loopback holds (proc_net_tcp: 01
    is ESTABLISHED).
    """
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)
