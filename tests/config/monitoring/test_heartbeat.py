import time
from typing import Any

import pytest
import redis
from django.conf import settings

from config import tasks
from config.celery import app
from config.monitoring import heartbeat, metrics


@pytest.mark.parametrize(
    ("written", "age"),
    [(b"90", 10), ("95.5", 4.5), (None, 100), (b"", 100), (b"x", 100), (b"101", 0)],
)
def test_it_reads_a_heartbeat(written: bytes | str | None, age: float) -> None:
    assert heartbeat.age_s(written, 100) == age


def test_a_worker_that_takes_it_is_well(own_redis: redis.Redis) -> None:
    assert not metrics.queue("clock").is_well
    tasks.beat_heart("clock")
    assert metrics.queue("clock").is_well
    own_redis.set(heartbeat.key_of("clock"), str(time.time() - 61))
    assert not metrics.queue("clock").is_well


def test_each_queue_has_a_heartbeat_of_its_own() -> None:
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    beats = [entry for entry in schedule.values() if entry["task"] == "config.tasks.beat_heart"]
    pairs = {(entry["args"][0], entry["options"]["queue"]) for entry in beats}
    assert pairs == {(queue, queue) for queue in ("clock", "celery", "delivery")}


def test_every_task_of_beat_is_there() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} - set(
        app.tasks
    ) == set()
    assert set(settings.CELERY_TASK_ROUTES) - set(app.tasks) == set()
