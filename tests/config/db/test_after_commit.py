"""Work that fails after a commit."""

import logging

import pytest
from django.db import transaction

from config.db.after_commit import after_commit

pytestmark = pytest.mark.django_db(transaction=True)


class Broken:
    """Something that can be called and has no name, as a partial or `async_to_sync` gives."""

    def __call__(self, what: str) -> None:
        raise RuntimeError(f"{what} is broken")


def test_it_logs_what_fails_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    with caplog.at_level(logging.ERROR), transaction.atomic():
        after_commit(Broken(), "a room")
        after_commit(done.append, "the next one")
        assert done == []
    assert done == ["the next one"]
    assert "a room is broken" in caplog.text


def test_it_logs_what_fails_outside_of_a_transaction(caplog: pytest.LogCaptureFixture) -> None:
    after_commit(Broken(), "a room")
    assert "a room is broken" in caplog.text
