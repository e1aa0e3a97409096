"""The end of the sockets' threads, before their database is dropped."""

import threading

from django.db import connections

from accounts.realtime import threads

_is_over = threading.Event()


def end() -> None:
    """Let the threads give up the connections they keep:

    PostgreSQL drops no database that somebody uses. Once.
    """
    if _is_over.is_set():
        return
    _is_over.set()
    together = threading.Barrier(threads.THREADS)

    def close() -> None:
        together.wait()  # So that each thread does this once.
        connections.close_all()

    closing = [threads._pool.submit(close) for _ in range(threads.THREADS)]
    for each in closing:
        each.result()
    threads._pool.shutdown()
