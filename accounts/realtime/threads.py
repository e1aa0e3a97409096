"""Work that blocks, off the event loop: a bounded pool, so that a slow database cannot eat the
process.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import SyncToAsync
from django.db import connections, reset_queries

# SQLite has one writer and PostgreSQL a connection for each; more would only wait in a worse place.
THREADS = 8
# To open a connection costs as much as four queries, so a thread keeps its own for a while.
KEPT_S = 60.0
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="socket")

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `work` returns, run in a thread of the pool with a database connection that
    works.
    """

    def run() -> T:
        _close_stale()
        try:
            return work(*args, **kwargs)
        finally:
            _close_stale()

    # Thread-sensitive work would all wait for the one main thread of the process.
    return await SyncToAsync(run, thread_sensitive=False, executor=_pool)()


def _close_stale() -> None:
    """Close this thread's connections that are broken or old.

    Django, around a request, would close all of them.
    """
    # With DEBUG a connection keeps each of its queries until this is called.
    reset_queries()
    now = time.monotonic()
    for connection in connections.all(initialized_only=True):
        # Closing inside a transaction would lose what it has done so far.
        if connection.connection is None or connection.in_atomic_block:
            continue
        opened_at = _opened.ages.setdefault(connection.alias, now)
        if connection.errors_occurred or now - opened_at > KEPT_S:
            connection.close()
            del _opened.ages[connection.alias]


class _Opened(threading.local):
    """When each connection of this thread was first used."""

    def __init__(self) -> None:
        self.ages: dict[str, float] = {}


_opened = _Opened()
