"""One child process: started in a group of its own, read line by line, ended with its children."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from config.supervisor.output import LogWriter

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None)  # Loaded before any fork: a child between fork and exec must not import.
_MAX_LINE_BYTES = 16 * 1024

Probe = Callable[[], Awaitable[bool]]

PROBE_EVERY_S = 0.05  # While a process starts; somebody waits for it.
UNRESPONSIVE_AFTER_S = 30.0  # Six heartbeats; a start takes three.


@dataclass(frozen=True)
class Spec:
    """How to run one process.

    It is ready when it prints `ready_line`, when `readiness` says so, or at once if it has neither.
    A process that is ready, but whose `liveness` says no for `unresponsive_after_s`, is killed and
    so started again. `on_end` tidies up after a death that nobody asked for.
    """

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    ready_line: str = ""
    readiness: Probe | None = None
    on_end: Callable[[], Awaitable[None]] | None = None
    liveness: Probe | None = None
    unresponsive_after_s: float = UNRESPONSIVE_AFTER_S
    ready_within_s: float = 120
    stop_within_s: float = 5


Recipe = Callable[[], Spec]  # Called for every start: a relay gets a new name each time.


@dataclass
class Process:
    """One run of a spec, from fork to the last line."""

    spec: Spec
    output: LogWriter
    _child: asyncio.subprocess.Process | None = None
    _reader: asyncio.Task[None] | None = None
    _was_ready: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start it. Raises OSError if the program cannot be run."""
        # A pipe of our own: with asyncio's, a child counts as gone only when all processes that
        # hold the pipe are, so also those that it left behind.
        ours, childs = os.pipe()
        try:
            self._child = await asyncio.create_subprocess_exec(
                *self.spec.argv,
                env=self.spec.environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=childs,
                stderr=childs,
                # Ctrl-C in the terminal reaches the parent alone, which stops all in order.
                start_new_session=True,
                preexec_fn=_dying_with(os.getpid()),
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(childs)
        self._reader = asyncio.create_task(self._read(ours), name=f"read {self.spec.name}")

    async def wait(self) -> int:
        """Return the exit code once it is gone and its last line is written.

        A negative one is the number of a signal.
        """
        assert self._child is not None and self._reader is not None, "start() comes first"
        code = await self._child.wait()
        self._kill_group()  # What it started and left behind also holds our end of the pipe.
        await self._reader
        return code

    async def wait_ready(self) -> None:
        """Return when it serves. Never returns for one that died; the caller watches for that."""
        if self.spec.ready_line:
            await self._was_ready.wait()
        if self.spec.readiness is None:
            return
        while not await self.spec.readiness():  # noqa: ASYNC110  # No event of another process.
            await asyncio.sleep(PROBE_EVERY_S)

    async def stop(self) -> None:
        """Ask it to end, and kill it and all it started if it does not in time."""
        if self._child is None or self._child.returncode is not None:
            return
        self._child.terminate()
        try:
            await asyncio.wait_for(self._child.wait(), self.spec.stop_within_s)
        except TimeoutError:
            limit_s = self.spec.stop_within_s
            self.output.line(self.spec.name, f"did not stop within {limit_s:g} s and is killed")
        self._kill_group()
        await self._child.wait()
        if self._reader:
            await self._reader

    def kill(self) -> None:
        """End it and all it started at once: it does not respond."""
        self._kill_group()

    def _kill_group(self) -> None:
        if self.pid is None:
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # The usual case: it took everything it started with it.

    async def _read(self, pipe: int) -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: protocol, os.fdopen(pipe, "rb", 0)
        )
        rest = b""
        try:
            while chunk := await reader.read(_MAX_LINE_BYTES):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._on_line(line)
                if len(rest) > _MAX_LINE_BYTES:  # A line without an end must not fill the memory.
                    self._on_line(rest)
                    rest = b""
            if rest:
                self._on_line(rest)
        finally:
            transport.close()

    def _on_line(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if self.spec.ready_line and self.spec.ready_line in text:
            self._was_ready.set()
        self.output.line(self.spec.name, text)


def _dying_with(parent: int) -> Callable[[], None] | None:
    """Return what makes a child end together with this process, however that ends.

    On Linux only; None elsewhere.
    """
    if not sys.platform.startswith("linux"):
        return None

    def in_child() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # The parent died between fork and prctl.
            os._exit(1)

    return in_child
