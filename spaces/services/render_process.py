"""How a worker has a replay or clip made: in a child process with bounds.

They are on memory, time and the size of files.
"""

import json
import logging
import os
import resource
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from config.env import ROOT, for_child

# Address space; an H.264 encoder with its threads maps about 1.2 GB and uses a tenth.
MEMORY_BYTES = 3 * 1024**3
FILE_BYTES = 16 * 1024**3  # Twelve hours in 720p are 8 GB.
NICE = 10  # Live talk goes first on a machine that does both.
BEAT_S = 15.0  # So often `on_progress` hears something, also of a child that says nothing.
LINE_BYTES = 64 * 1024
KNOWN = frozenset({"empty", "unreadable", "disk_full", "bad_request"})
log = logging.getLogger(__name__)


class Failed(Exception):
    """The child did not do it. `code` is one of KNOWN, `timeout` or `crashed`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run(arguments: Sequence[str], timeout_s: float, on_progress: Callable[[float], None]) -> None:
    """Run `python -m …` to its end; `on_progress` hears 0.0-1.0 as it goes. Raises Failed.

    It hears the same again every BEAT_S while the child only works: the end of a long film is put
    together without a word for minutes.

    An exception of `on_progress` ends the child: a worker that lost its lease must not go on
    writing.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=for_child(),
        stdin=subprocess.DEVNULL,
        # Codecs write to stderr without end.
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # A worker process has one thread when it forks a child.
        preexec_fn=_limit,  # noqa: PLW1509
    )
    timer = threading.Timer(timeout_s, process.kill)
    # A child that hangs says nothing, so reading its output cannot have the time limit.
    timer.start()
    try:
        last = _read(process, on_progress)
    finally:
        is_late = not timer.is_alive()
        timer.cancel()
        process.kill()
        process.wait()
    if process.returncode == 0 and last.get("done"):
        return
    log.warning("%s failed with %s: %s", arguments[0], process.returncode, last)
    if is_late:
        raise Failed("timeout")
    code = str(last.get("error", ""))
    raise Failed(code if code in KNOWN else "crashed")


def _read(
    process: "subprocess.Popen[bytes]", on_progress: Callable[[float], None]
) -> dict[str, object]:
    """Read one JSON object a line to the end, and return the last."""
    assert process.stdout is not None
    last: dict[str, object] = {}
    heard = 0.0
    for line in _lines(process.stdout):
        if line is None:
            on_progress(heard)
            continue
        try:
            message = json.loads(line)
        except ValueError:  # A codec's own chatter.
            continue
        if not isinstance(message, dict):
            continue
        last = message
        share = message.get("progress")
        if isinstance(share, int | float):
            heard = min(1.0, max(0.0, float(share)))
            on_progress(heard)
    process.wait()
    return last


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Yield each line, and None whenever there was nothing to read for BEAT_S."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if not selector.select(BEAT_S):
                yield None
                continue
            part = os.read(stream.fileno(), LINE_BYTES)
            *lines, rest = (rest + part).split(b"\n")
            yield from lines
            if not part:
                yield rest
                return
            if len(rest) > LINE_BYTES:  # Chatter without an end.
                rest = b""


def _limit() -> None:
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
