"""Tell people what is due: exactly once a person and kind, however often a worker dies.

A row is claimed and told in one transaction. Nothing is remembered between two sweeps and nothing
waits in the broker, so a flushed queue, a second beat or a machine that slept changes nothing but
the time.
"""

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Notification, User
from accounts.notifications.notify import notify
from config.limits import LIMITS
from spaces.models import Reminder, Space
from spaces.services.reminders import BEFORE_START
from spaces.services.visibility import seers_among

BATCH = 500  # Rows claimed and told in one transaction: on SQLite nobody else writes in this time.
SWEEP_S = 20.0  # A sweep lets others come in between; the next one goes on where it stopped.
LOOK_BACK = timedelta(days=1)  # What ended longer ago was closed by an earlier sweep.

Kind, Outcome = Reminder.Kind, Reminder.Outcome
ALERTS = {
    Kind.EARLY: Notification.Kind.SPACE_REMINDER,
    Kind.LIVE: Notification.Kind.SPACE_LIVE,
    Kind.LATE: Notification.Kind.SPACE_LATE,
    Kind.MOVED: Notification.Kind.SPACE_CHANGED,
    Kind.CANCELLED: Notification.Kind.SPACE_CANCELLED,
    Kind.HOST_EARLY: Notification.Kind.SPACE_REMINDER,
    Kind.HOST_DUE: Notification.Kind.SPACE_DUE,
}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sweep:
    """What one sweep did, in rows."""

    told: int = 0
    skipped: int = 0
    dropped: int = 0

    def __add__(self, other: "Sweep") -> "Sweep":
        return Sweep(
            self.told + other.told, self.skipped + other.skipped, self.dropped + other.dropped
        )


def sweep() -> Sweep:
    """Tell everybody what is due.

    Any number of sweeps may run at once, and each may be killed at any moment.
    """
    until = time.monotonic() + SWEEP_S
    now = timezone.now()
    _plan(now)
    done = Sweep(dropped=_drop_stale(now))
    while time.monotonic() < until:
        batch = _fire(timezone.now())
        if batch is None:
            break
        done += batch
    return done


def _plan(now: datetime) -> None:
    """Say of Spaces that began or are over what is due now.

    It reads the state alone, so it may run at any time.
    """
    waiting = Reminder.objects.waiting().filter(space=OuterRef("pk"))
    recent = now - LOOK_BACK
    began = Space.objects.filter(state=Space.State.LIVE, started_at__gte=recent)
    for space in began.filter(Exists(waiting.filter(kind=Kind.LIVE, due_at=None))):
        Reminder.objects.waiting().filter(space=space, kind=Kind.LIVE).update(
            due_at=space.started_at
        )
    over = Space.objects.filter(
        state__in=(Space.State.CANCELLED, Space.State.ENDED), ended_at__gte=recent
    )
    for space in over.filter(Exists(waiting)):
        _close(space, now)


def _close(space: Space, now: datetime) -> None:
    """Nothing but the news of its end is told of a Space that is over."""
    with transaction.atomic():
        rows = Reminder.objects.waiting().filter(space=space)
        if space.state == Space.State.CANCELLED:
            # Whoever waited for the start is told of the end instead: the same row, so it can only
            # be one of the two.
            rows.filter(kind=Kind.LIVE).update(kind=Kind.CANCELLED, due_at=space.ended_at)
            rows.filter(kind=Kind.CANCELLED, due_at=None).update(due_at=space.ended_at)
        rows.exclude(kind=Kind.CANCELLED, due_at__isnull=False).update(
            fired_at=now, outcome=Outcome.SKIPPED
        )


def _drop_stale(now: datetime) -> int:
    """Give up what nobody could tell in time: a machine that slept for a day must not ring at
    breakfast.
    """
    stale = Reminder.objects.waiting().filter(
        due_at__lt=now - timedelta(seconds=LIMITS.reminder_stale_s)
    )
    dropped = stale.update(fired_at=now, outcome=Outcome.DROPPED)
    if dropped:
        log.warning(
            "%d reminders were more than %d s late and are dropped",
            dropped,
            LIMITS.reminder_stale_s,
        )
    return dropped


def _fire(now: datetime) -> Sweep | None:
    """Claim a batch and tell it, in one transaction: both happen or neither.

    None if nothing is due.
    """
    with transaction.atomic():
        claimed = _claim(now)
        if not claimed:
            return None
        groups: dict[tuple[int, str], list[Reminder]] = {}
        for row in claimed:
            groups.setdefault((row.space_id, row.kind), []).append(row)
        spaces = Space.objects.select_related("host").in_bulk({space for space, _ in groups})
        told = sum(
            _tell(spaces[space], Kind(kind), rows, now) for (space, kind), rows in groups.items()
        )
    return Sweep(told, len(claimed) - told)


def _claim(now: datetime) -> list[Reminder]:
    """Take the oldest due rows.

    Whoever updates a row first has it; PostgreSQL passes by what another one holds.
    """
    due = Reminder.objects.waiting().filter(due_at__lte=now).order_by("due_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    if not ids:
        return []
    claim = uuid.uuid4()
    Reminder.objects.waiting().filter(pk__in=ids).update(fired_at=now, claim=claim)
    return list(Reminder.objects.filter(claim=claim).order_by("id"))


def _tell(space: Space, kind: Reminder.Kind, rows: list[Reminder], now: datetime) -> int:
    """Look at the world again, tell whom it still concerns, and return how many those are."""
    wanted = {row.user_id for row in rows}
    right = _recipients(space, kind, wanted) if _is_right(space, kind, now) else set()
    if right:
        # Only what can happen once names the host: an alert about the same person and thing is
        # written once.
        actor = space.host if kind is Kind.LIVE else None
        notify(right, ALERTS[kind], actor=actor, target=("space", space.pk))
    mine = Reminder.objects.filter(pk__in=[row.pk for row in rows])
    mine.filter(user__in=right).update(outcome=Outcome.TOLD)
    mine.exclude(user__in=right).update(outcome=Outcome.SKIPPED)
    return len(right)


def _is_right(space: Space, kind: Reminder.Kind, now: datetime) -> bool:
    """True if the Space is still as the reminder says."""
    if kind is Kind.LIVE:
        return space.state == Space.State.LIVE
    if kind is Kind.CANCELLED:
        return space.state == Space.State.CANCELLED
    if space.state not in BEFORE_START or space.scheduled_for is None:
        return False
    if kind in (Kind.EARLY, Kind.HOST_EARLY):
        return now < space.scheduled_for
    return True


def _recipients(space: Space, kind: Reminder.Kind, ids: set[int]) -> set[int]:
    """Return those of `ids` whom it still concerns."""
    if kind is not Kind.CANCELLED:
        return seers_among(space, ids)
    # Told even if the host was suspended; but nobody is told what they did themselves.
    others = ids - {space.ended_by_id}
    return set(User.objects.filter(pk__in=others, is_active=True).values_list("pk", flat=True))


def forget_old(now: datetime) -> int:
    """Delete the rows of Spaces that are long over; return how many."""
    over = Q(space__state__in=(Space.State.CANCELLED, Space.State.ENDED))
    kept = timedelta(seconds=LIMITS.reminders_kept_s)
    deleted, _ = Reminder.objects.filter(over, space__ended_at__lt=now - kept).delete()
    return deleted
