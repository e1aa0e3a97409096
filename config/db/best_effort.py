"""What a page that is only read would like to note: tried at once, and let go where the database
cannot take it now.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

from django.db import Error, connection

from config import missing_parts

P = ParamSpec("P")
WAIT_MS = 250  # For the lock of SQLite; a page must not wait as long as what a person has sent.
log = logging.getLogger(__name__)


def note(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Do `work`; False if a part is missing. Then it is noted with the next look at the page."""
    try:
        with waiting(WAIT_MS):
            work(*args, **kwargs)
    except Error as error:
        if connection.in_atomic_block or missing_parts.of(error) is None:
            raise
        log.warning("A page was read and that is not noted: %r", error)
        return False
    return True


@contextmanager
def waiting(milliseconds: int) -> Iterator[None]:
    """Wait no longer for the lock of SQLite than this, in this block."""
    _wait(milliseconds)
    try:
        yield
    finally:
        _wait(int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000))


def _wait(milliseconds: int) -> None:
    """Past Django's cursors: it is no query of a page."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.connection.execute(f"PRAGMA busy_timeout = {milliseconds}").close()
