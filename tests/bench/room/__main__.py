"""`python -m tests.bench.room` (`make bench-room`): a thousand WebSockets in one room of the real
stack.

First a bare Channels consumer on a Daphne of its own, then Parley with the same listeners and
messages of the same size; then reactions, more listeners, and some who do not read.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from tests.bench.room import phases
from tests.bench.room.bare import GROUP
from tests.bench.room.crowd import Address, Crowd, Listener
from tests.bench.room.phases import Spread
from tests.bench.room.report import Findings, Side, render
from tests.stack import parley
from tests.stack.parley import ROOT, Parley, free_port
from tests.stack.waiting import until, wait_until

SEAT = b"seat.changed"
EVERY_S = 0.25
IDLE_S = 6.0
SETTLE_S = 3.0  # Until the count of listeners has been told and nothing more comes by itself.
APPLAUSE_S = 6  # A person may react 20 times a minute; both rounds together stay below.
SLOW_READERS = 4


class BareSide:
    """The bare consumer with its listeners."""

    def __init__(self, port: int, pid: int, redis_url: str, text: str) -> None:
        self.crowd = Crowd(Address(port, "/"))
        self.pid = pid
        self.layer = RedisPubSubChannelLayer(hosts=[{"address": redis_url, "socket_timeout": None}])
        self.text = text

    async def run(self, count: int, times: int) -> Side:
        try:
            joined = await phases.join(self.crowd, self.pid, [""] * count)
            await asyncio.sleep(SETTLE_S)
            rest = await phases.idle(self.pid, IDLE_S)
            spread = await phases.spread(
                self.crowd, self.pid, SEAT, self._tell, times, EVERY_S, rest
            )
        finally:
            await self.crowd.close()
            await self.layer.flush()
        return Side(joined, rest, spread)

    async def _tell(self, number: int) -> None:
        await self.layer.group_send(GROUP, {"type": "bare.text", "text": self.text})


class ParleySide:
    """The live Space with its host and listeners."""

    def __init__(self, site: Parley, people: dict[str, Any]) -> None:
        self.address = Address(site.port, f"/ws/spaces/{people['space']}/")
        self.people = people
        self.pid = site.pid("web")
        self.stage = Crowd(self.address)
        self.crowd = Crowd(self.address)
        self.rest = 0.0
        self.is_on = False

    async def enter(self) -> Listener:
        return (await self.stage.join([self.people["host"]], b"space.snapshot"))[0]

    async def seat_text(self) -> str:
        """Return what a change of the host's seat looks like on the wire, for the bare side to send
        the same.
        """
        self.stage.watch(SEAT)
        await self.change(0)
        await until(lambda: self.stage.have(1), "the host hears of the change")
        return self.stage.listeners[0].last.decode()

    async def change(self, number: int) -> None:
        self.is_on = not self.is_on
        self.stage.listeners[0].socket.send(f'{{"type":"mic.set","on":{str(self.is_on).lower()}}}')

    async def full(self, count: int, times: int) -> Side:
        joined = await phases.join(
            self.crowd, self.pid, self.people["cookies"][:count], b"space.snapshot"
        )
        await asyncio.sleep(SETTLE_S)
        self.rest = await phases.idle(self.pid, IDLE_S)
        return Side(joined, self.rest, await self.spread(times))

    async def spread(self, times: int) -> Spread:
        return await phases.spread(
            self.crowd, self.pid, SEAT, self.change, times, EVERY_S, self.rest
        )

    async def applause(self, per_s: int) -> phases.Applause:
        people = [listener for listener in self.crowd.listeners if listener.has_account]
        return await phases.applause(self.crowd, self.pid, people, per_s, APPLAUSE_S)

    async def grow(self, visitors: int) -> int:
        """Let everybody else in, and as many visitors; return how many listen now."""
        rest = self.people["cookies"][len(self.crowd.listeners) :]
        await self.crowd.join([*rest, *[""] * visitors], b"space.snapshot")
        await asyncio.sleep(SETTLE_S)
        return len(self.crowd.listeners)

    async def slow(self, times: int) -> phases.Slow:
        lost = self.crowd.lost
        return await phases.slow_readers(
            self.crowd, self.pid, SLOW_READERS, lambda: self.spread(times), lost
        )


async def measure(site: Parley, people: dict[str, Any], count: int, times: int) -> Findings:
    room = ParleySide(site, people)
    try:
        await room.enter()
        text = await room.seat_text()
        with bare_daphne(site) as (port, pid):
            bare = await BareSide(port, pid, site.record["redis_url"], text).run(count, times)
        say("the bare consumer is measured")
        full = await room.full(count, times)
        say("Parley is full")
        applause = await room.applause(count)
        grown = await room.grow(count // 10)
        bigger, bigger_applause = await room.spread(times // 2), await room.applause(count)
        say("reactions are counted")
        slow = await room.slow(times)
    finally:
        await room.crowd.close()
        await room.stage.close()
    return Findings(bare, full, applause, bigger, grown, bigger_applause, slow, len(text.encode()))


@contextmanager
def bare_daphne(site: Parley) -> Iterator[tuple[int, int]]:
    """Yield port and process id of a Daphne with the bare consumer, at the same Valkey."""
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port)]
    environment = {
        **os.environ,
        "REDIS_URL": site.record["redis_url"],
        "DATA_DIR": str(site.data_dir),
    }
    process = subprocess.Popen(
        [*command, "tests.bench.room.bare:application"], cwd=ROOT, env=environment
    )
    try:
        wait_until(lambda: _answers(port), "the bare Daphne answers", 60)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    found = Path("/proc/net/tcp").read_text()
    return f"0100007F:{port:04X} 00000000:0000 0A" in found  # 0A is LISTEN.


def make_people(site: Parley, count: int) -> dict[str, Any]:
    places = {
        "DATA_DIR": str(site.data_dir),
        "PORT": str(site.port),
        "REDIS_URL": site.record["redis_url"],
    }
    command = [sys.executable, "-m", "tests.bench.room.people", str(count)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **places}, check=True, stdout=subprocess.PIPE
    )
    people: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return people


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.room", description=__doc__)
    parser.add_argument(
        "--listeners", type=int, default=1000, help="later a tenth more, and as many visitors"
    )
    parser.add_argument("--changes", type=int, default=40, help="stage changes that are timed")
    chosen = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * chosen.listeners + 512
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, wanted)), hard))
    with tempfile.TemporaryDirectory(prefix="parley-bench-room-") as folder:
        site = parley.start(Path(folder), {"DEMO": "0"})
        try:
            people = make_people(site, chosen.listeners * 11 // 10)
            found = asyncio.run(measure(site, people, chosen.listeners, chosen.changes))
            faults = site.tracebacks()
        except (ConnectionError, TimeoutError):
            say(site.log_tail())
            raise
        finally:
            site.stop()
    print(render(found))
    for fault in faults:
        print(f"\nIn the log: {fault}")


if __name__ == "__main__":
    main()
