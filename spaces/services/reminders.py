"""Who wants to be told of a Space, and when: rows that a sweep works off (services/telling.py)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from config.limits import LIMITS
from spaces.models import Reminder, ReminderQuerySet, Space, SpaceQuerySet
from spaces.rooms.errors import ErrorCode, RoomError

Kind, Outcome = Reminder.Kind, Reminder.Outcome
BEFORE_START = (Space.State.SCHEDULED, Space.State.GREEN)
OF_HOST = (Kind.HOST_EARLY, Kind.HOST_DUE)


# --- wanting to be told ---------------------------------------------------------------------------


def subscribe(user: User, space: Space, *, early: bool) -> None:
    """Tell `user` when `space` starts, moves or is called off; `early` also some minutes before.
    Again changes `early`.

    Raises RoomError: not_allowed (one's own Space), already_started, ended.
    """
    with transaction.atomic():
        fresh = Space.objects.select_for_update().get(pk=space.pk)
        _check_open(user, fresh)
        now = timezone.now()
        due = due_times(fresh)
        kinds = [Kind.LIVE, Kind.LATE, Kind.MOVED]
        early_at = due[Kind.EARLY]
        if early and early_at is not None and early_at > now:
            kinds.append(Kind.EARLY)
        rows = [Reminder(space=fresh, user=user, kind=kind, due_at=due[kind]) for kind in kinds]
        Reminder.objects.bulk_create(rows, ignore_conflicts=True)
        if not early:
            Reminder.objects.filter(space=fresh, user=user, kind=Kind.EARLY, fired_at=None).delete()


def _check_open(user: User, space: Space) -> None:
    if space.host_id == user.pk:
        raise RoomError(ErrorCode.NOT_ALLOWED)
    if space.is_over:
        raise RoomError(ErrorCode.ENDED)
    if space.state not in BEFORE_START or space.scheduled_for is None:
        raise RoomError(ErrorCode.ALREADY_STARTED)


def unsubscribe(user: User, space: Space) -> None:
    """Tell `user` nothing more of `space`. What they were told stays told."""
    Reminder.objects.filter(space=space, user=user).exclude(kind__in=OF_HOST).delete()


def counts(spaces: Iterable[int]) -> dict[int, int]:
    """Return how many people want to be told, for each Space that anybody waits for."""
    rows = Reminder.objects.subscriptions().filter(space__in=list(spaces)).order_by()
    return dict(rows.values_list("space").annotate(n=Count("id")))


def chosen(user: User, spaces: Iterable[int]) -> dict[int, str]:
    """Return "on", or "early" where some minutes before was chosen too, for each of `spaces` that
    `user` waits for.
    """
    rows = Reminder.objects.filter(
        user=user, space__in=list(spaces), kind__in=(Kind.LIVE, Kind.EARLY)
    )
    kinds = list(rows.values_list("space_id", "kind"))
    found = {space: "on" for space, kind in kinds if kind == Kind.LIVE}
    return found | {
        space: "early" for space, kind in kinds if kind == Kind.EARLY and space in found
    }


def with_wishes(spaces: SpaceQuerySet, viewer: User) -> SpaceQuerySet:
    """Fetch with each Space what `chosen` says of the viewer, and, if it is the viewer's, what
    `counts` does.
    """
    mine = Reminder.objects.filter(user=viewer, space=OuterRef("pk"))
    waiting = (
        Reminder.objects.subscriptions().filter(space=OuterRef("pk"), space__host=viewer).order_by()
    )
    return spaces.annotate(
        wants_start=Exists(mine.filter(kind=Kind.LIVE)),
        wants_early=Exists(mine.filter(kind=Kind.EARLY)),
        waiting_count=Subquery(waiting.values("space").annotate(n=Count("id")).values("n")),
    )


def known_choice(space: Space) -> str | None:
    """Return what `chosen` would, of a Space that came `with_wishes`; None of any other."""
    if "wants_start" not in vars(space):
        return None
    return ("early" if vars(space)["wants_early"] else "on") if vars(space)["wants_start"] else ""


# --- when it is due -------------------------------------------------------------------------------


def due_times(space: Space) -> dict[Reminder.Kind, datetime | None]:
    """Return when each kind is due; None where it waits for something to happen."""
    at = space.scheduled_for
    waiting: dict[Reminder.Kind, datetime | None] = dict.fromkeys(
        (Kind.LIVE, Kind.MOVED, Kind.CANCELLED)
    )
    if at is None:
        return dict.fromkeys(Kind)
    return waiting | {
        Kind.EARLY: at - timedelta(seconds=LIMITS.remind_before_s),
        Kind.LATE: at + timedelta(seconds=LIMITS.late_notice_s),
        Kind.HOST_EARLY: at - timedelta(seconds=LIMITS.remind_host_before_s),
        Kind.HOST_DUE: at,
    }


def on_scheduled(space: Space) -> None:
    """Make the host's own rows.

    In the transaction that schedules; what is past already is not told.
    """
    due = due_times(space)
    now = timezone.now()
    kinds = [kind for kind in OF_HOST if (at := due[kind]) is not None and at >= now]
    rows = [
        Reminder(space=space, user_id=space.host_id, kind=kind, due_at=due[kind]) for kind in kinds
    ]
    rows.append(Reminder(space=space, user_id=space.host_id, kind=Kind.CANCELLED))
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def on_moved(space: Space) -> None:
    """Move every row to the new time, told or not, and let subscribers hear of it.

    In the transaction that moves.
    """
    rows = Reminder.objects.filter(space=space)
    now = timezone.now()
    for kind, at in due_times(space).items():
        if at is not None:
            _arm(rows.filter(kind=kind), at)
    _arm(rows.filter(kind=Kind.MOVED), now)
    on_scheduled(space)  # The host's early one, if the first time was too near for it.


def _arm(rows: ReminderQuerySet, at: datetime) -> None:
    rows.update(due_at=at, fired_at=None, outcome=Outcome.WAITING, claim=None)
