import pytest

from accounts.models import User
from tests.spaces.town import person


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Every view reads the database."""


@pytest.fixture
def maya() -> User:
    return person("maya", display_name="Maya Okafor")


@pytest.fixture
def budi() -> User:
    return person("budi", display_name="Budi Santoso")


@pytest.fixture
def noor(db: None) -> User:
    return person("noor", display_name="Noor Aziz")
