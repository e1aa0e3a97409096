"""One run per data folder: two would write the same database, schedule and sockets."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.supervisor.errors import StartError

NAME = "run.lock"


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Lock the folder while the block runs; the kernel unlocks it if this process dies.

    Raises StartError if another process holds it.
    """
    descriptor = os.open(data_dir / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.pread(descriptor, 20, 0).decode() or "unknown"
            raise StartError(
                f"Parley already runs with the data folder {data_dir} (process {other}): "
                "stop that one, or give this one its own with DATA_DIR and PORT."
            ) from None
        # The next one who tries says our number.
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
