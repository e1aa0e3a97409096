"""A file of this process as the standard input of a child."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def from_its_start(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Let a child read `file` from its beginning; it stands here where it stood.

    Both share the place in the file, of which the buffer of this process knows nothing.
    """
    file.flush()
    place = os.lseek(file.fileno(), 0, os.SEEK_CUR)
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    try:
        yield file
    finally:
        os.lseek(file.fileno(), place, os.SEEK_SET)
