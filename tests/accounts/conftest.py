from collections.abc import Iterator

import pytest

from accounts.models import User
from tests.accounts.people import person
from tests.accounts.pushbox import Pushbox, running_pushbox


@pytest.fixture
def maya(db: None) -> User:
    return person("maya", display_name="Maya Okafor")


@pytest.fixture
def budi(db: None) -> User:
    return person("budi", display_name="Budi Santoso")


@pytest.fixture
def noor(db: None) -> User:
    return person("noor", display_name="Noor Aziz")


@pytest.fixture(scope="module")
def service() -> Iterator[Pushbox]:
    with running_pushbox() as box:
        yield box


@pytest.fixture
def box(service: Pushbox) -> Pushbox:
    service.got.clear()
    service.answers.clear()
    return service
