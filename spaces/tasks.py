"""Celery tasks: the clock of the rooms. Each may run twice, or not for a while, without harm."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from spaces.services import (
    clips,
    reminder_delivery,
    rendering,
    replays,
    room_timers,
    scheduling,
    transcripts,
)

HAND_OUT_S = 30


@shared_task
def sweep_rooms() -> int:
    return room_timers.sweep()


@shared_task
def refresh_policies() -> int:
    # A relay lets no user send on a policy that is older than 120 s (`Policy.LEASE_S`).
    return room_timers.refresh_policies()


# Nothing is lost if it runs twice: each row is claimed once.
@shared_task(reject_on_worker_lost=True)
def fire_reminders() -> int:
    """Tell users what is due; another process takes it up at once if this one is killed."""
    return reminder_delivery.sweep().told


@shared_task
def keep_wall_clocks() -> int:
    return scheduling.keep_wall_clocks()


@shared_task
def forget_old_reminders() -> int:
    return reminder_delivery.forget_old(timezone.now())


@shared_task
def find_renderings() -> int:
    """Hand out what waits to be rendered or cut."""
    now = timezone.now()
    # Each claims its row first, so one that is handed out twice is done once. What no worker has
    # room for is handed out again; it does not pile up meanwhile.
    for pk in rendering.due(now):
        if cache.add(f"rendering:{pk}", 1, HAND_OUT_S):
            render_replay.apply_async((pk,), expires=HAND_OUT_S)
    for pk in clips.due(now):
        cut_clip.delay(pk)
    return transcripts.store_captions(now)


# The child is killed by its own limit first; this one is for a worker that hangs itself.
@shared_task(time_limit=rendering.LONGEST_S + 60)
def render_replay(pk: int) -> bool:
    return rendering.render(pk)


@shared_task
def cut_clip(pk: int) -> bool:
    return clips.render(pk)


@shared_task
def sweep_replays() -> int:
    return replays.sweep(timezone.now())
