"""The order of start and stop, restarts and failures, with small real processes in the places of
the big ones.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from config.env import for_child
from config.supervisor.errors import StartError
from config.supervisor.output import LogWriter
from config.supervisor.plan import Plan
from config.supervisor.process import Recipe, Spec
from config.supervisor.record import RunRecord
from config.supervisor.supervisor import Supervisor, pause_s
from tests.config.supervisor.conftest import Log
from tests.stack.waiting import stays, until

SERVE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(0)))
print('up', flush=True)
while True: time.sleep(60)
"""


def recipe(name: str, code: str = SERVE, ready_within_s: float = 10) -> Recipe:
    argv = (sys.executable, "-uc", code)
    return partial(Spec, name, argv, for_child(), ready_line="up", ready_within_s=ready_within_s)


def plan(**changes: Recipe) -> Plan:
    recipes = {
        name: recipe(name) for name in ("valkey", "relay", "web", "worker", "beat")
    } | changes
    setup = Spec("setup", (sys.executable, "-c", "print('prepared')"), for_child())
    rest = (recipes["web"], recipes["worker"], recipes["beat"])
    return Plan(recipes["valkey"], setup, recipes["relay"], rest)


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    return RunRecord(
        "http://localhost:1", "unix:///x", "http://127.0.0.1:2/metrics", str(tmp_path), ""
    )


@dataclass
class FakeSetup:
    due: bool
    output: LogWriter

    def is_needed(self) -> bool:
        return self.due

    def remember(self) -> None:
        self.output.line("parley", "remembered")


Serve = Callable[..., asyncio.Task[None]]


@pytest.fixture
def serve(record: RunRecord, output: LogWriter) -> Serve:
    def begin(what: Plan, *, due: bool = True) -> asyncio.Task[None]:
        supervisor = Supervisor(what, record, output)
        return asyncio.create_task(
            supervisor.run(FakeSetup(due, output), lambda: output.line("parley", "ready"))
        )

    return begin


async def ready(log: Log) -> None:
    await until(lambda: "parley | ready" in log.lines, "all serve")


async def stop(running: asyncio.Task[None]) -> None:
    # The way it comes in life; the supervisor's handler is in place.
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 20)


async def test_it_starts_and_stops_in_order(serve: Serve, log: Log) -> None:
    running = serve(plan())
    await ready(log)
    await stop(running)
    place = log.lines.index
    assert place("valkey | up") < min(place("relay | up"), place("setup | prepared"))
    assert (
        place("setup | prepared")
        < place("parley | remembered")
        < min(place("web | up"), place("worker | up"), place("beat | up"))
    )
    assert max(place("web | bye"), place("beat | bye")) < place("worker | bye")
    assert place("worker | bye") < place("relay | bye") < place("valkey | bye")


async def test_it_skips_the_set_up_when_nothing_is_due(serve: Serve, log: Log) -> None:
    running = serve(plan(), due=False)
    await ready(log)
    await stop(running)
    assert "setup | prepared" not in log.lines


async def test_it_records_every_process(serve: Serve, log: Log, record: RunRecord) -> None:
    running = serve(plan())
    await ready(log)
    assert record.ready
    assert set(record.pids) == {"valkey", "relay", "web", "worker", "beat"}
    assert record.path.exists()
    await stop(running)


async def test_it_starts_a_process_again_that_was_killed(
    serve: Serve, log: Log, record: RunRecord
) -> None:
    running = serve(plan())
    await ready(log)
    before = record.pids["relay"]
    os.kill(before, signal.SIGKILL)
    await until(lambda: log.lines.count("relay | up") == 2, "the relay is back")
    assert record.pids["relay"] != before
    assert (
        "parley | relay was ended by a signal (Killed) and is started again in 0.1 s" in log.lines
    )
    assert not running.done()
    await stop(running)


async def test_it_tidies_up_after_a_death_before_the_next_start(
    serve: Serve, log: Log, record: RunRecord
) -> None:
    async def tidy() -> None:
        log.write("tidied\n")

    base = recipe("relay")()
    running = serve(
        plan(relay=lambda: Spec(base.name, base.argv, base.environ, ready_line="up", on_end=tidy))
    )
    await ready(log)
    os.kill(record.pids["relay"], signal.SIGKILL)
    await until(lambda: log.lines.count("relay | up") == 2, "the relay is back")
    await stop(running)
    assert log.lines.count("tidied") == 1  # Not after the stop that was asked for.


async def test_it_gives_up_on_a_process_that_never_comes_up(serve: Serve, log: Log) -> None:
    running = serve(plan(web=recipe("web", "print('no such table'); raise SystemExit(1)")))
    with pytest.raises(StartError, match="web ended 3 times before it was ready"):
        await asyncio.wait_for(running, 20)
    assert log.lines.count("web | no such table") == 3
    assert "valkey | bye" in log.lines  # What did start is stopped.


async def test_it_gives_up_on_a_process_that_only_hangs(serve: Serve) -> None:
    running = serve(
        plan(worker=recipe("worker", "import time; time.sleep(60)", ready_within_s=0.3))
    )
    with pytest.raises(StartError, match=r"worker was not up within 0\.3 s"):
        await asyncio.wait_for(running, 20)


async def test_it_gives_up_when_the_set_up_fails(serve: Serve, log: Log) -> None:
    broken = Spec("setup", (sys.executable, "-c", "raise SystemExit('no database')"), for_child())
    whole = plan()
    running = serve(Plan(whole.valkey, broken, whole.relay, whole.rest))
    with pytest.raises(StartError, match="set-up failed"):
        await asyncio.wait_for(running, 20)
    assert "setup | no database" in log.lines
    assert "web | up" not in log.lines
    assert "parley | remembered" not in log.lines


async def test_it_gives_up_on_a_program_that_is_missing(serve: Serve) -> None:
    missing = partial(Spec, "valkey", ("/no/such/server",), for_child(), ready_line="up")
    with pytest.raises(StartError, match="valkey cannot be run"):
        await asyncio.wait_for(serve(plan(valkey=missing)), 20)


async def test_it_stops_in_the_middle_of_the_start(serve: Serve, log: Log) -> None:
    running = serve(plan(relay=recipe("relay", "import time; print('slow'); time.sleep(60)")))
    await until(lambda: "relay | slow" in log.lines, "the relay starts")
    await stop(running)
    assert "parley | ready" not in log.lines
    assert "valkey | bye" in log.lines


async def test_it_runs_without_a_server_of_its_own(serve: Serve, log: Log) -> None:
    whole = plan()
    running = serve(Plan(None, whole.prepare, whole.relay, whole.rest))
    await ready(log)
    await stop(running)
    assert not any(line.startswith("valkey") for line in log.lines)


@pytest.mark.parametrize(("failures", "pause"), [(1, 0.1), (2, 0.2), (5, 1.6), (9, 15), (60, 15)])
def test_it_waits_longer_after_each_failure(failures: int, pause: float) -> None:
    assert pause_s(failures) == pytest.approx(pause)


async def test_it_kills_and_starts_again_what_lives_but_does_not_work(
    serve: Serve, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.supervisor.supervisor._LIVENESS_EVERY_S", 0.05)
    is_well = False

    async def is_alive() -> bool:
        return is_well

    unresponsive = partial(recipe("worker"))

    def spec() -> Spec:
        return replace(unresponsive(), liveness=is_alive, unresponsive_after_s=0.3)

    running = serve(plan(worker=spec))
    await ready(log)
    await until(
        lambda: "parley | worker lives but does not work and is killed" in log.lines,
        "the watch bites",
    )
    is_well = True
    await until(lambda: log.lines.count("worker | up") == 2, "it is started again")
    await stays(
        lambda: log.lines.count("worker | up") == 2, "a worker that works is left alone", 0.6
    )
    await stop(running)
