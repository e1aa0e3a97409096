"""Tell users what is due: exactly once a user and kind, however often a worker dies.

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
from spaces.services.visibility import users_who_may_see

BATCH = 500  # Rows claimed and told in one transaction: on SQLite nobody else writes in this time.
# A sweep lets others come in between, and a worker that is told to end does so after it; the next
# one goes on where it stopped.
SWEEP_S = 10.0
LOOK_BACK = timedelta(days=1)  # What ended longer ago was closed by an earlier sweep.

Kind, Outcome = Reminder.Kind, Reminder.Outcome
NOTIFICATION_KINDS = {
    Kind.EARLY: Notification.Kind.SPACE_REMINDER,
    Kind.LIVE: Notification.Kind.SPACE_LIVE,
    Kind.LATE: Notification.Kind.SPACE_LATE,
    Kind.MOVED: Notification.Kind.SPACE_CHANGED,
    Kind.CANCELLED: Notification.Kind.SPACE_CANCELLED,
    Kind.HOST_EARLY: Notification.Kind.SPACE_REMINDER,
    Kind.HOST_DUE: Notification.Kind.SPACE_DUE,
}
log = logging.getLogger(__name__)


@dataclass
class SweepResult:
    """What one sweep did, in rows."""

    told: int = 0
    skipped: int = 0
    dropped: int = 0


def sweep() -> SweepResult:
    """Tell users what is due.

    Any number of sweeps may run at once, and each may be killed at any moment.
    """
    until = time.monotonic() + SWEEP_S
    now = timezone.now()
    _make_due(now)
    result = SweepResult()
    # A machine that slept for a day must not ring at breakfast.
    oldest = now - timedelta(seconds=LIMITS.reminder_stale_s)
    stale = Reminder.objects.waiting().filter(due_at__lt=oldest)
    result.dropped = stale.update(fired_at=now, outcome=Outcome.DROPPED)
    if result.dropped:
        limit_s = LIMITS.reminder_stale_s
        log.warning("%d reminders are dropped, more than %d s late", result.dropped, limit_s)
    while time.monotonic() < until:
        claimed, told = _deliver_batch(timezone.now())
        if not claimed:
            break
        result.told += told
        result.skipped += claimed - told
    return result


def _make_due(now: datetime) -> None:
    """Set what is due now of Spaces that began or are over.

    It reads the state alone, so it may run at any time.
    """
    waiting = Reminder.objects.waiting()
    of_space = waiting.filter(space=OuterRef("pk"))
    recent = now - LOOK_BACK
    began = Space.objects.filter(state=Space.State.LIVE, started_at__gte=recent)
    for space in began.filter(Exists(of_space.filter(kind=Kind.LIVE, due_at=None))):
        waiting.filter(space=space, kind=Kind.LIVE).update(due_at=space.started_at)
    over_states = (Space.State.CANCELLED, Space.State.ENDED)
    over = Space.objects.filter(state__in=over_states, ended_at__gte=recent)
    for space in over.filter(Exists(of_space)):
        with transaction.atomic():
            rows = waiting.filter(space=space)
            if space.state == Space.State.CANCELLED:
                # Who waited for the start is told of the end instead: the same row, so it can only
                # be one of the two.
                rows.filter(kind=Kind.LIVE).update(kind=Kind.CANCELLED, due_at=space.ended_at)
                rows.filter(kind=Kind.CANCELLED, due_at=None).update(due_at=space.ended_at)
            # Nothing but the news of its end is told of a Space that is over.
            others = rows.exclude(kind=Kind.CANCELLED, due_at__isnull=False)
            others.update(fired_at=now, outcome=Outcome.SKIPPED)


def _deliver_batch(now: datetime) -> tuple[int, int]:
    """Claim the oldest due rows and tell them, in one transaction: both happen or neither.

    Return how many rows were claimed, and to how many of their users it was told.
    """
    with transaction.atomic():
        due = Reminder.objects.waiting().filter(due_at__lte=now).order_by("due_at", "id")
        # PostgreSQL passes by what another sweep holds; SQLite has one writer at a time.
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return 0, 0
        # The sweep that updates a row first has it; the claim says which rows those are.
        claim = uuid.uuid4()
        Reminder.objects.waiting().filter(pk__in=ids).update(fired_at=now, claim=claim)
        claimed = list(Reminder.objects.filter(claim=claim).order_by("id"))
        groups: dict[tuple[int, Reminder.Kind], list[Reminder]] = {}
        for row in claimed:
            groups.setdefault((row.space_id, Kind(row.kind)), []).append(row)
        spaces = Space.objects.select_related("host").in_bulk({space for space, _ in groups})
        told = 0
        for (space, kind), rows in groups.items():
            told += _notify(spaces[space], kind, rows, now)
    return len(claimed), told


def _notify(space: Space, kind: Reminder.Kind, rows: list[Reminder], now: datetime) -> int:
    """Look at the Space again, tell whom it still concerns, and return how many those are."""
    users = {row.user_id for row in rows}
    recipients: set[int] = set()
    if not _still_holds(space, kind, now):
        pass
    elif kind is Kind.CANCELLED:
        # Told even if the host is away; but nobody is told what they did themselves.
        others = User.objects.not_away().filter(pk__in=users - {space.ended_by_id})
        recipients = set(others.values_list("pk", flat=True))
    else:
        recipients = users_who_may_see(space, users)
    if recipients:
        # Only what can happen once names the host: a notification about the same person and thing
        # is written once.
        actor = space.host if kind is Kind.LIVE else None
        target = ("space", space.pk)
        notify(recipients, NOTIFICATION_KINDS[kind], actor=actor, target=target)
    claimed = Reminder.objects.filter(pk__in=[row.pk for row in rows])
    claimed.filter(user__in=recipients).update(outcome=Outcome.TOLD)
    claimed.exclude(user__in=recipients).update(outcome=Outcome.SKIPPED)
    return len(recipients)


def _still_holds(space: Space, kind: Reminder.Kind, now: datetime) -> bool:
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


def forget_old(now: datetime) -> int:
    """Delete the rows of Spaces that are long over; return how many."""
    over = Q(space__state__in=(Space.State.CANCELLED, Space.State.ENDED))
    oldest = now - timedelta(seconds=LIMITS.reminders_kept_s)
    deleted, _ = Reminder.objects.filter(over, space__ended_at__lt=oldest).delete()
    return deleted
