"""Tasks of no app."""

import time

from celery import shared_task

from config import redis_clients
from config.db import full_text
from config.monitoring import heartbeat


@shared_task
def beat_heart(queue: str) -> None:
    """Write that a worker of `queue` works, and does not only live."""
    redis_clients.blocking().set(heartbeat.key_of(queue), str(time.time()), ex=86400)


@shared_task
def read_for_search() -> None:
    full_text.catch_up()
