"""One Parley per data folder: two would write the same database, schedule and sockets."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.supervisor.errors import StartError


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold the folder while the block runs.

    The kernel lets go if we die. Raises StartError if another holds it.
    """
    descriptor = os.open(data_dir / "run.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, data_dir)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, data_dir: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.pread(descriptor, 20, 0).decode() or "unknown"
        raise StartError(
            f"Parley already runs with the data folder {data_dir} (process {other}): stop that one, "
            "or give this one its own with DATA_DIR and PORT."
        ) from None
