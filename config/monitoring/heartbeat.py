"""The heartbeat of the task queues: beat sends a task, a worker that takes it writes the time. No
Django in here.

A worker may be alive and unresponsive (its broker connection is lost and it does not notice, its
children hang): then tasks wait and the heartbeat is old. Nothing waits and the heartbeat is old:
then it is beat that is silent.
"""

KEY = "worker:pulse:{}"
EVERY_S = 5.0
OLD_S = 15.0  # Three heartbeats.
# Queues: what must come in time, what may take its time, and what waits for servers of others.
CLOCK, WORK, DELIVERY = "clock", "celery", "delivery"
# A sweep of deliveries and the last mail of it (accounts/notifications/deliver.py), twice.
DELIVERY_SILENT_S = 100.0
QUEUES = (CLOCK, WORK, DELIVERY)


def key_of(queue: str) -> str:
    return KEY.format(queue)


def age_s(written: bytes | str | None, now: float) -> float:
    """Return the seconds since the last heartbeat; without one it is as old as can be."""
    try:
        return max(0.0, now - float(written or 0))
    except ValueError:
        return now
