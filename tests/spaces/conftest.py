"""What tests of the room share."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections

from spaces.consumers import threads


@pytest.fixture(scope="session", autouse=True)
def _end_the_pool(django_db_setup: None) -> Iterator[None]:
    """Let the threads give up the connections they keep before the database is dropped: PostgreSQL minds."""
    yield
    together = threading.Barrier(threads.THREADS)

    def close() -> None:
        together.wait()  # So that each thread does this once.
        connections.close_all()

    closing = [threads._pool.submit(close) for _ in range(threads.THREADS)]
    for each in closing:
        each.result()
    threads._pool.shutdown()
