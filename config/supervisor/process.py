"""One child process: started in a group of its own, read line by line, ended with everything it
started.
"""

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

UNRESPONSIVE_AFTER_S = 30.0  # Six heartbeats; a start takes three.


@dataclass(frozen=True)
class Spec:
    """How to run one process. It is ready when it prints `ready_line`, or when `probe` says so, or
    at once.

    `on_end` tidies up after a death that nobody asked for. A process that is up, but whose `pulse`
    says no for `unresponsive_after_s`, is killed and so started again.
    """

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    ready_line: str = ""
    probe: Probe | None = None
    on_end: Callable[[], Awaitable[None]] | None = None
    pulse: Probe | None = None
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
    _said_ready: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start it. Raises OSError if the program cannot be run."""
        # A pipe of our own: asyncio takes a child for gone only when everybody who holds its pipe
        # is.
        ours, childs = os.pipe()
        try:
            self._child = await self._spawn(childs)
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(childs)
        self._reader = asyncio.create_task(self._read(ours), name=f"read {self.spec.name}")

    async def _spawn(self, output: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.spec.argv,
            env=self.spec.environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C in the terminal reaches the parent alone, which stops all in order.
            start_new_session=True,
            preexec_fn=_dying_with(os.getpid()),
        )

    async def wait(self) -> int:
        """Return the exit code once it is gone and its last line is written; negative is a signal's
        number.
        """
        assert self._child is not None and self._reader is not None, "start() comes first"
        code = await self._child.wait()
        self._kill_group()  # What it started and left behind also holds our end of the pipe.
        await self._reader
        return code

    async def wait_ready(self) -> None:
        """Return when it serves. Never returns for one that died; the caller watches for that."""
        if self.spec.ready_line:
            await self._said_ready.wait()
        while self.spec.probe and not await self.spec.probe():  # noqa: ASYNC110  Another process cannot set an event.
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Ask it to end, and kill it and all it started if it does not in time."""
        if self._child is None or self._child.returncode is not None:
            return
        self._child.terminate()
        try:
            await asyncio.wait_for(self._child.wait(), self.spec.stop_within_s)
        except TimeoutError:
            self.output.line(
                self.spec.name, f"did not stop within {self.spec.stop_within_s:g} s and is killed"
            )
        self._kill_group()
        await self._child.wait()
        if self._reader:
            await self._reader

    def kill(self) -> None:
        """End it and all it started without asking: it does not listen."""
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
        try:
            await self._split(reader)
        finally:
            transport.close()

    async def _split(self, reader: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await reader.read(_MAX_LINE_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._hear(line)
            if len(rest) > _MAX_LINE_BYTES:
                self._hear(rest)
                rest = b""
        if rest:
            self._hear(rest)

    def _hear(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if self.spec.ready_line and self.spec.ready_line in text:
            self._said_ready.set()
        self.output.line(self.spec.name, text)


def _dying_with(parent: int) -> Callable[[], None] | None:
    """Return what makes a child end together with this process, however this process ends; Linux
    only.
    """
    if not sys.platform.startswith("linux"):
        return None

    def in_child() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # The parent died between fork and prctl.
            os._exit(1)

    return in_child
