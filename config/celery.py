"""The Celery application: JSON only, tasks found in each app's `tasks` module."""

import os
import sys
from typing import TYPE_CHECKING, Any

from celery import Celery
from celery.signals import beat_init, worker_init, worker_ready
from kombu import Connection
from kombu.exceptions import OperationalError

from config import redis_clients
from config.db import patience

if TYPE_CHECKING:  # The web imports this module too and has no use for a worker's parts.
    from celery.worker.consumer import Consumer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

AT_ONCE = ("spaces.tasks.fire_reminders",)


class Parley(Celery):
    """Enqueues at once or not at all: who asks for a task has stored what it is about, and a page
    must not hang on a broker that is silent.
    """

    # Any: as Celery passes it through.
    def send_task(self, *args: Any, **options: Any) -> Any:
        """Raises OperationalError, or redis-py's errors, while the broker is away."""
        if redis_clients.outage.is_on and not redis_clients.outage.may_ask():
            raise OperationalError("Redis did not answer a moment ago.")
        return super().send_task(*args, **options)

    # Any: as the stubs have it.
    def connection_for_write(self, url: str | None = None, **options: Any) -> Connection:
        """Unlike a worker, which waits for work for ever, who enqueues waits for seconds."""
        timeouts = {
            "socket_timeout": redis_clients.TIMEOUT_S,
            "socket_connect_timeout": redis_clients.CONNECT_TIMEOUT_S,
        }
        # The banners of worker and beat, which name the broker, hand over None.
        options["transport_options"] = timeouts | (options.get("transport_options") or {})
        return super().connection_for_write(url, **options)


app = Parley("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
# A Redis that is full or read-only refuses a worker, which must not end of that.
app.conf.broker_channel_error_retry = True
app.conf.worker_consumer = "config.broker_consumer:BrokerConsumer"
app.conf.worker_pool = "config.task_pool:TaskPool"
app.autodiscover_tasks()


@worker_init.connect
def on_worker_init(**_signal: object) -> None:
    """Before it forks: its children are as patient as it is."""
    patience.have(patience.OF_A_WORKER)


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
