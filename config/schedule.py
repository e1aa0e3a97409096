"""What the workers do by themselves: how often each task is due, and which worker takes it."""

from typing import Any

from config.limits import LIMITS
from config.monitoring import heartbeat

# What must come in time has a queue and a worker of its own: a long rendering may fill the other
# one.
IN_TIME = (
    "accounts.tasks.lift_suspensions",
    "posts.tasks.sweep_fleets",
    "spaces.tasks.fire_reminders",
    "spaces.tasks.keep_wall_clocks",
    "spaces.tasks.refresh_policies",
    "spaces.tasks.sweep_rooms",
)
# What waits for the servers of others: nobody out there may hold up the seconds of the rooms.
OUT_THERE = ("accounts.tasks.deliver",)
ROUTES = {
    **{task: {"queue": heartbeat.CLOCK} for task in IN_TIME},
    **{task: {"queue": heartbeat.DELIVERY} for task in OUT_THERE},
}

EVERY_S = {
    "spaces.tasks.sweep_rooms": 1,
    "accounts.tasks.deliver": 5,
    "config.tasks.read_for_search": 5,
    "spaces.tasks.find_renderings": 5,
    "spaces.tasks.fire_reminders": 10,
    "spaces.tasks.refresh_policies": LIMITS.policy_refresh_s,
    "posts.tasks.sweep_fleets": 15,
    "accounts.tasks.lift_suspensions": 30,
    "accounts.tasks.sweep_accounts": 60,
    "posts.tasks.count_trends": 60,
    "posts.tasks.read_tags": 60,
    "posts.tasks.sweep_clips": 60,
    "accounts.tasks.plan_digests": 300,
    "spaces.tasks.sweep_replays": 600,
    "accounts.tasks.forget_deliveries": 3600,
    "accounts.tasks.forget_evidence": 3600,
    "posts.tasks.sweep_draft_files": 3600,
    "posts.tasks.sweep_fleet_files": 3600,
    "spaces.tasks.forget_old_reminders": 3600,
    "spaces.tasks.keep_wall_clocks": 3600,
}


# Any: as Celery types it.
def _entry(task: str, every_s: float, **options: object) -> dict[str, Any]:
    """A turn that nobody took before the next one is due expires: after a pause there is one, not a
    hundred.
    """
    return {"task": task, "schedule": every_s, "options": {"expires": every_s, **options}}


BEAT = {
    **{task: _entry(task, every_s) for task, every_s in EVERY_S.items()},
    **{
        f"heart of {queue}": _entry(
            "config.tasks.beat_heart", heartbeat.EVERY_S, queue=queue, expires=heartbeat.OLD_S
        )
        | {"args": [queue]}
        for queue in heartbeat.QUEUES
    },
}
