"""The Celery application: JSON only, tasks found in each app's `tasks` module."""

import os
import sys
from typing import TYPE_CHECKING

from celery import Celery
from celery.signals import beat_init, worker_ready

if TYPE_CHECKING:  # The web imports this module too and has no use for a worker's parts.
    from celery.worker.consumer import Consumer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

AT_ONCE = ("spaces.tasks.fire_reminders",)

app = Celery("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def on_worker_ready(sender: "Consumer", **_signal: object) -> None:
    """Tell the parent process, which waits for exactly this line (config/supervisor/plan.py).

    What came due while no worker was up does not wait for the next beat, and neither does the first
    sign of life.
    """
    from config.tasks import beat_heart  # Needs the application that is made here.

    for queue in sender.app.amqp.queues.consume_from:
        beat_heart(queue)
    for task in AT_ONCE:
        app.send_task(task, expires=10)
    _say("parley: worker is ready")


@beat_init.connect
def on_beat_ready(**_signal: object) -> None:
    _say("parley: beat is ready")


def _say(line: str) -> None:
    """Write past Celery, which turns whatever is written to `sys.stderr` into a log record."""
    print(line, file=sys.__stderr__, flush=True)  # For the parent process, not a person.
