"""What tests of the room share."""

from collections.abc import Iterator

import pytest

from spaces.consumers import threads


@pytest.fixture(scope="session", autouse=True)
def _end_the_pool(django_db_setup: None) -> Iterator[None]:
    """End the threads that keep database connections before the database is dropped: PostgreSQL minds."""
    yield
    threads._pool.shutdown()
