import pytest

from accounts.models import User
from tests.accounts.people import person


@pytest.fixture
def maya(db: None) -> User:
    return person("maya", display_name="Maya Okafor")


@pytest.fixture
def budi(db: None) -> User:
    return person("budi", display_name="Budi Santoso")


@pytest.fixture
def noor(db: None) -> User:
    return person("noor", display_name="Noor Aziz")
