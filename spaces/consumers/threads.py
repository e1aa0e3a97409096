"""Work that blocks, off the event loop: a bounded pool, so that a slow database cannot eat the process."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar, cast

from channels.db import DatabaseSyncToAsync

THREADS = 8  # SQLite has one writer and PostgreSQL a connection for each; more would only wait in a worse place.
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="room")

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `work` returns, run in a thread of the pool with fresh database connections."""
    runner = DatabaseSyncToAsync(work, thread_sensitive=False, executor=_pool)
    return cast("T", await runner(*args, **kwargs))
