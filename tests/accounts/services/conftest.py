"""A push service of our own, empty for each test."""

from collections.abc import Iterator

import pytest

from tests.accounts.pushbox import Pushbox, running_pushbox


@pytest.fixture(scope="module")
def service() -> Iterator[Pushbox]:
    with running_pushbox() as box:
        yield box


@pytest.fixture
def box(service: Pushbox) -> Pushbox:
    service.got.clear()
    service.answers.clear()
    return service
