"""Starts the plan in order, keeps it running, and stops it in order."""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Protocol

from config.supervisor.errors import StartError
from config.supervisor.output import LogWriter
from config.supervisor.plan import STOP_ORDER, Plan
from config.supervisor.process import Process, Recipe, Spec
from config.supervisor.record import RunRecord

_STEADY_S = 30  # Up for so long, and an earlier failure is forgotten.
_TRIES_AT_START = 3
_LIVENESS_EVERY_S = 2.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Setup(Protocol):
    """Knows whether the set-up work is due, and remembers that it is done (see `preparation`)."""

    def is_needed(self) -> bool: ...

    def remember(self) -> None: ...


class Supervisor:
    """The one parent. Owns every child and one keeper task for each."""

    def __init__(self, plan: Plan, record: RunRecord, output: LogWriter) -> None:
        self._plan = plan
        self._record = record
        self._output = output
        self._running: dict[str, Process] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    async def run(self, setup: Setup, on_ready: Callable[[], None]) -> None:
        """Serve until a signal comes. Raises StartError if it never serves."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._stopping.set)
        start = asyncio.create_task(self._start(setup), name="start")
        stop = asyncio.create_task(self._stopping.wait(), name="stop")
        try:
            await asyncio.wait({start, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not self._stopping.is_set():
                start.result()
                on_ready()
                await stop
        finally:
            start.cancel()
            stop.cancel()
            await asyncio.gather(start, stop, return_exceptions=True)
            self._stopping.set()
            # Keepers first: one that sleeps between two tries would start its process again.
            for keeper in self._keepers.values():
                keeper.cancel()
            await asyncio.gather(*self._keepers.values(), return_exceptions=True)
            for names in (("setup",), *STOP_ORDER):
                processes = (self._running.get(name) for name in names)
                await asyncio.gather(*(process.stop() for process in processes if process))

    async def _start(self, setup: Setup) -> None:
        if self._plan.valkey:
            await self._launch(self._plan.valkey)

        async def prepare_and_launch_rest() -> None:
            if setup.is_needed():
                await self._prepare()
                setup.remember()
            await asyncio.gather(*(self._launch(recipe) for recipe in self._plan.rest))

        # The relay needs no database, so it does not wait for one.
        await asyncio.gather(self._launch(self._plan.relay), prepare_and_launch_rest())
        self._record.ready = True
        self._record.save()

    async def _prepare(self) -> None:
        """Run the set-up to its end. Raises StartError if it fails."""
        spec = self._plan.prepare
        process = self._running[spec.name] = Process(spec, self._output)
        await process.start()
        code = await process.wait()
        del self._running[spec.name]
        if code != 0 and not self._stopping.is_set():
            raise StartError("The set-up failed; its lines above say why.")

    async def _launch(self, recipe: Recipe) -> None:
        """Start a process with its keeper and return when it serves. Raises StartError."""
        first = recipe()
        up = asyncio.Event()
        keeper = self._keepers[first.name] = asyncio.create_task(
            self._keep(first, recipe, up), name=f"keep {first.name}"
        )
        ready = asyncio.create_task(up.wait(), name=f"await {first.name}")
        try:
            async with asyncio.timeout(first.ready_within_s):
                await asyncio.wait({keeper, ready}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise StartError(
                f"{first.name} was not up within {first.ready_within_s:g} s; see its lines."
            ) from None
        finally:
            ready.cancel()
        if keeper.done():
            keeper.result()

    async def _keep(self, spec: Spec, recipe: Recipe, up: asyncio.Event) -> None:
        """Run the process again whenever it ends. Raises StartError if it never came up at all."""
        failures = 0
        while True:
            started_at = time.monotonic()
            code = await self._run(spec, up)
            if self._stopping.is_set():
                return
            was_steady = time.monotonic() - started_at > _STEADY_S
            failures = 1 if was_steady else failures + 1
            if not up.is_set() and failures >= _TRIES_AT_START:
                raise StartError(
                    f"{spec.name} ended {failures} times before it was ready; "
                    "its lines above say why."
                )
            pause = pause_s(failures)
            ending = f"ended with code {code}"
            if code < 0:
                ending = f"was ended by a signal ({signal.strsignal(-code)})"
            self._output.line("parley", f"{spec.name} {ending} and is started again in {pause:g} s")
            if spec.on_end:
                await spec.on_end()
            await asyncio.sleep(pause)
            spec = recipe()

    async def _run(self, spec: Spec, up: asyncio.Event) -> int:
        """Run the process once, and return its exit code. Sets `up` when it is ready."""
        process = self._running[spec.name] = Process(spec, self._output)
        try:
            await process.start()
        except OSError as error:
            raise StartError(f"{spec.name} cannot be run: {error}.") from error
        self._record.pids[spec.name] = process.pid or 0
        self._record.save()

        async def announce() -> None:
            await process.wait_ready()
            up.set()

        ready = asyncio.create_task(announce(), name=f"ready {spec.name}")
        watch = asyncio.create_task(self._watch(process), name=f"watch {spec.name}")
        try:
            return await process.wait()
        finally:
            ready.cancel()
            watch.cancel()

    async def _watch(self, process: Process) -> None:
        """Kill a process that lives but does not work; its keeper starts it again."""
        is_alive = process.spec.liveness
        if is_alive is None:
            return
        await process.wait_ready()
        alive_at = time.monotonic()
        while time.monotonic() - alive_at < process.spec.unresponsive_after_s:
            await asyncio.sleep(_LIVENESS_EVERY_S)
            if await is_alive():
                alive_at = time.monotonic()
        self._output.line("parley", f"{process.spec.name} lives but does not work and is killed")
        process.kill()


def pause_s(failures: int) -> float:
    """Return how long to wait before the next try: a moment after the first death, at most 15 s."""
    return min(0.1 * 2.0 ** (failures - 1), 15.0)
