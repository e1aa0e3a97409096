"""What tests of the person socket share."""

from collections.abc import Iterator

import pytest

from tests.stack import pool


@pytest.fixture(scope="session", autouse=True)
def _end_the_pool(django_db_setup: None) -> Iterator[None]:
    yield
    pool.end()
