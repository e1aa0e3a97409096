"""The connections of workers and of who enqueues."""

import pytest
from kombu import Connection

from config import redis_clients
from config.celery import app


def test_it_connects_as_the_banners_of_worker_and_beat_do() -> None:
    """`celery worker` and `celery beat` name the broker first, unless they are told to be quiet."""
    with app.connection() as link:
        assert "redis" in link.as_uri()


@pytest.mark.parametrize("connect", [app.connection, app.connection_for_write])
def test_who_enqueues_waits_for_seconds(connect: type[Connection]) -> None:
    with connect(transport_options={"visibility_timeout": 7}) as link:
        assert link.transport_options is not None
        assert link.transport_options["socket_timeout"] == redis_clients.TIMEOUT_S
        assert link.transport_options["visibility_timeout"] == 7, "What is asked for is kept."


def test_a_worker_waits_for_work_for_ever() -> None:
    with app.connection_for_read() as link:
        assert link.transport_options is not None
        assert link.transport_options["socket_timeout"] is None
