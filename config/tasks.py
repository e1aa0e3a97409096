"""The heartbeat that a worker writes, so that others see that it works and does not only live."""

import time

from celery import shared_task

from config import pulse
from spaces.relay import connections


@shared_task
def beat_heart(queue: str) -> None:
    connections.blocking().set(pulse.key_of(queue), str(time.time()), ex=86400)
