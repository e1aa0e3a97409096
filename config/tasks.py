"""The heartbeat that a worker writes, so that others see that it works and does not only live."""

import time

from celery import shared_task

from config import redis_clients
from config.monitoring import heartbeat


@shared_task
def beat_heart(queue: str) -> None:
    redis_clients.blocking().set(heartbeat.key_of(queue), str(time.time()), ex=86400)
