"""Who wants to be told of a Space, and when: rows that a sweep works off (reminder_delivery.py)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from config.db import prepared
from config.limits import LIMITS
from spaces.models import Reminder, ReminderQuerySet, Space, SpaceQuerySet
from spaces.rooms.errors import ErrorCode, RoomError

Kind, Outcome = Reminder.Kind, Reminder.Outcome
BEFORE_START = (Space.State.SCHEDULED, Space.State.GREEN)
OF_HOST = (Kind.HOST_EARLY, Kind.HOST_DUE)


# --- wanting to be told ---------------------------------------------------------------------------


def subscribe(user: User, space: Space, *, early: bool) -> None:
    """Tell `user` when `space` starts, moves or is called off; `early` also some minutes before.

    Calling it again changes `early`. Raises RoomError: not_allowed (one's own Space),
    already_started, ended.
    """
    with transaction.atomic():
        # Under the lock, so that a start or a move at the same moment sees these rows.
        fresh = Space.objects.select_for_update().get(pk=space.pk)
        if fresh.host_id == user.pk:
            raise RoomError(ErrorCode.NOT_ALLOWED)
        if fresh.is_over:
            raise RoomError(ErrorCode.ENDED)
        if fresh.state not in BEFORE_START or fresh.scheduled_for is None:
            raise RoomError(ErrorCode.ALREADY_STARTED)
        due = due_times(fresh)
        kinds = [Kind.LIVE, Kind.LATE, Kind.MOVED]
        early_at = due[Kind.EARLY]
        if early and early_at is not None and early_at > timezone.now():
            kinds.append(Kind.EARLY)
        rows = [Reminder(space=fresh, user=user, kind=kind, due_at=due[kind]) for kind in kinds]
        Reminder.objects.bulk_create(rows, ignore_conflicts=True)
        # One that was told already stays: it happened.
        if not early:
            Reminder.objects.filter(space=fresh, user=user, kind=Kind.EARLY, fired_at=None).delete()


def unsubscribe(user: User, space: Space) -> None:
    """Tell `user` nothing more of `space`. What they were told stays told."""
    # A user who has become the host meanwhile keeps what hosts are told.
    Reminder.objects.filter(space=space, user=user).exclude(kind__in=OF_HOST).delete()


def counts(spaces: Iterable[int]) -> dict[int, int]:
    """Return how many users want to be told, for each Space that any user waits for."""
    rows = Reminder.objects.subscriptions().filter(space__in=list(spaces)).order_by()
    return dict(rows.values_list("space").annotate(n=Count("id")))


def choices(user: User, spaces: Iterable[int]) -> dict[int, str]:
    """Return what `user` chose for each of `spaces` that they wait for.

    That is "on", or "early" where some minutes before was chosen too.
    """
    pairs = set(prepared.fetch(_wanted_of, user, frozenset(spaces)))
    waited_for = {space for space, kind in pairs if kind == Kind.LIVE}
    return {space: "early" if (space, Kind.EARLY.value) in pairs else "on" for space in waited_for}


def _wanted_of(user: User, spaces: frozenset[int]) -> QuerySet[Reminder, tuple[int, str]]:
    rows = Reminder.objects.filter(user=user, space__among=spaces, kind__in=(Kind.LIVE, Kind.EARLY))
    return rows.values_list("space_id", "kind")


def with_choices(spaces: SpaceQuerySet, viewer: User) -> SpaceQuerySet:
    """Fetch with each Space what `choices` says of the viewer.

    If it is the viewer's, also what `counts` says.
    """
    mine = Reminder.objects.filter(user=viewer, space=OuterRef("pk"))
    subscriptions = Reminder.objects.subscriptions().order_by()
    waiting = subscriptions.filter(space=OuterRef("pk"), space__host=viewer)
    return spaces.annotate(
        wants_start=Exists(mine.filter(kind=Kind.LIVE)),
        wants_early=Exists(mine.filter(kind=Kind.EARLY)),
        waiting_count=Subquery(waiting.values("space").annotate(n=Count("id")).values("n")),
    )


def waiting_counts(spaces: list[Space]) -> dict[int, int]:
    """Return what `counts` does; no query for Spaces that came `with_choices`."""
    fetched = [space for space in spaces if "wants_start" in vars(space)]
    unknown = [space.pk for space in spaces if "wants_start" not in vars(space)]
    known = {space.pk: vars(space)["waiting_count"] or 0 for space in fetched}
    return known | (counts(unknown) if unknown else {})


def choices_of(user: User, spaces: list[Space]) -> dict[int, str]:
    """Return what `choices` does; no query for Spaces that came `with_choices`."""
    found: dict[int, str] = {}
    unknown = []
    for space in spaces:
        fetched = vars(space)
        if "wants_start" not in fetched:
            unknown.append(space.pk)
        elif fetched["wants_start"]:
            found[space.pk] = "early" if fetched["wants_early"] else "on"
    return found | (choices(user, unknown) if unknown else {})


# --- when it is due -------------------------------------------------------------------------------


def due_times(space: Space) -> dict[Reminder.Kind, datetime | None]:
    """Return when each kind is due; None where it waits for something to happen."""
    start = space.scheduled_for
    due: dict[Reminder.Kind, datetime | None] = dict.fromkeys(Kind)
    if start is None:
        return due
    due[Kind.EARLY] = start - timedelta(seconds=LIMITS.remind_before_s)
    due[Kind.LATE] = start + timedelta(seconds=LIMITS.late_notice_s)
    due[Kind.HOST_EARLY] = start - timedelta(seconds=LIMITS.remind_host_before_s)
    due[Kind.HOST_DUE] = start
    return due


def on_scheduled(space: Space) -> None:
    """Make the host's own rows, in the transaction that schedules.

    What is past already is not told.
    """
    due = due_times(space)
    now = timezone.now()
    rows = [Reminder(space=space, user_id=space.host_id, kind=Kind.CANCELLED)]
    for kind in OF_HOST:
        due_at = due[kind]
        if due_at is not None and due_at >= now:
            rows.append(Reminder(space=space, user_id=space.host_id, kind=kind, due_at=due_at))
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def on_moved(space: Space) -> None:
    """Move every row to the new time, told or not, and let subscribers hear of it.

    In the transaction that moves.
    """
    rows = Reminder.objects.filter(space=space)
    for kind, due_at in due_times(space).items():
        if due_at is not None:
            _rearm(rows.filter(kind=kind), due_at)
    _rearm(rows.filter(kind=Kind.MOVED), timezone.now())
    on_scheduled(space)  # The host's early one, if the first time was too near for it.


def _rearm(rows: ReminderQuerySet, due_at: datetime) -> None:
    rows.update(due_at=due_at, fired_at=None, outcome=Outcome.WAITING, claim=None)
