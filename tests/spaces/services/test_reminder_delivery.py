"""Telling what is due: exactly once, to whom it still concerns, and never what is stale."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError

from accounts.models import Notification, User
from accounts.services import relationships
from spaces import tasks
from spaces.models import Reminder, Space
from spaces.services import reminder_delivery, reminders, scheduling
from spaces.services.reminder_delivery import SweepResult
from spaces.services.scheduling import SpaceDraft
from tests.spaces.town import person

pytestmark = pytest.mark.django_db
START = datetime.fromisoformat("2027-03-10T12:00:00+00:00")


@pytest.fixture
def clock() -> Any:  # Any: the traveller of time_machine.
    with time_machine.travel(START - timedelta(hours=2), tick=False) as traveller:
        yield traveller


@pytest.fixture
def alice(clock: Any) -> User:
    return person("alice")


@pytest.fixture
def bob(clock: Any) -> User:
    return person("bob")


@pytest.fixture
def space(alice: User, bob: User) -> Space:
    """A Space at START that bob waits for, also ten minutes before."""
    space = scheduling.schedule(alice, SpaceDraft("Tea"), START, "Asia/Jakarta")
    reminders.subscribe(bob, space, early=True)
    return space


def told(user: User) -> list[str]:
    return list(
        Notification.objects.filter(recipient=user).order_by("id").values_list("kind", flat=True)
    )


def at(clock: Any, **after: float) -> SweepResult:
    """Go to that long after START and sweep, as beat does: nothing in between is swept."""
    clock.move_to(START + timedelta(**after))
    return reminder_delivery.sweep()


# What happens to the Space (minutes after START -> deed), when it is swept, what bob and alice have
# then been told.
REMIND, LIVE, LATE, CHANGED = "space_reminder", "space_live", "space_late", "space_changed"
OFF, DUE = "space_cancelled", "space_due"
ON_TIME = [
    ("nothing is due", {}, [-60], [], []),
    ("the host half an hour before", {}, [-30], [], [REMIND]),
    ("the guest ten minutes before", {}, [-30, -10], [REMIND], [REMIND]),
    ("the host at the time", {}, [-30, -10, 0], [REMIND], [REMIND, DUE]),
    ("start on time", {0: "start"}, [-30, -10, 0], [REMIND, LIVE], [REMIND]),
    ("start early, before the early one", {-12: "start"}, [-30, -12, -10, 0, 10], [LIVE], [REMIND]),
    ("start early, after the early one", {-5: "start"}, [-10, -5, 0, 10], [REMIND, LIVE], []),
    ("start late", {11: "start"}, [0, 10, 11], [LATE, LIVE], [DUE]),
    ("no start in ten minutes", {}, [9, 10, 11, 60], [LATE], [DUE]),
    ("cancelled by the host", {-20: "cancel"}, [-30, -20, -10, 0, 10], [OFF], [REMIND]),
    ("never started", {120: "expire"}, [10, 120, 130], [LATE, OFF], [DUE, OFF]),
    ("moved later", {-20: "later"}, [-20, -10, 0, 10], [CHANGED], []),
    (
        "moved later, at the new time",
        {-20: "later"}, [-20, 270, 290, 300], [CHANGED, REMIND], [REMIND, DUE],
    ),
    (
        "moved after the early one",
        {-5: "later"}, [-10, -5, 270, 290], [REMIND, CHANGED, REMIND], [REMIND],
    ),
    ("moved twice before a sweep", {-20: "later", -19: "earlier"}, [-19], [CHANGED], []),
    ("the host is suspended", {-40: "suspend host"}, [-30, -10, 0, 10], [], []),
    (
        "the host is suspended, then nobody comes",
        {-40: "suspend host", 120: "expire"}, [0, 120], [OFF], [],
    ),
    ("the guest is suspended", {-40: "suspend guest"}, [-10, 10], [], [DUE]),
    ("a block", {-40: "block"}, [-10, 10], [], [DUE]),
    ("the guest changed their mind", {-40: "unsubscribe"}, [-10, 10], [], [DUE]),
    ("over before anybody looked", {0: "start", 1: "end"}, [2], [], []),
]  # fmt: skip


def happens(deed: str, space: Space, alice: User, bob: User) -> None:
    fresh = Space.objects.get(pk=space.pk)
    match deed:
        case "start":
            scheduling.start(fresh, alice)
        case "end":
            scheduling.end(fresh, alice)
        case "cancel":
            scheduling.cancel(fresh, alice)
        case "expire":
            tasks.sweep_rooms()
            assert Space.objects.get(pk=space.pk).state == "cancelled"
        case "later":
            scheduling.move(fresh, alice, START + timedelta(hours=5), "Asia/Jakarta")
        case "earlier":
            scheduling.move(fresh, alice, START + timedelta(hours=3), "Asia/Jakarta")
        case "suspend host":
            User.objects.filter(pk=alice.pk).update(is_active=False)
        case "suspend guest":
            User.objects.filter(pk=bob.pk).update(is_active=False)
        case "block":
            relationships.block(alice, bob)
        case "unsubscribe":
            reminders.unsubscribe(bob, fresh)


@pytest.mark.parametrize(
    ("name", "deeds", "sweeps", "guest", "host"), ON_TIME, ids=[row[0] for row in ON_TIME]
)
def test_it_tells_each_what_concerns_them(
    name: str,
    deeds: dict[int, str],
    sweeps: list[int],
    guest: list[str],
    host: list[str],
    space: Space,
    alice: User,
    bob: User,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spaces.services.presence_store.redis_since", lambda: 0)
    for minute in sorted({*deeds, *sweeps}):
        clock.move_to(START + timedelta(minutes=minute))
        if minute in deeds:
            happens(deeds[minute], space, alice, bob)
        if minute in sweeps:
            reminder_delivery.sweep()
            reminder_delivery.sweep()
    assert (told(bob), told(alice)) == (guest, host)


def test_it_drops_and_counts_what_is_stale(space: Space, bob: User, clock: Any) -> None:
    # The host's time is 6 minutes old, the rest older.
    assert at(clock, minutes=6) == SweepResult(told=1, dropped=2)
    assert told(bob) == []
    assert Reminder.objects.get(user=bob, kind="early").outcome == "dropped"


def test_it_tells_what_is_a_quarter_of_an_hour_late(space: Space, bob: User, clock: Any) -> None:
    at(clock, minutes=25)
    assert told(bob) == ["space_late"]


def test_it_takes_claim_and_telling_together(
    space: Space, bob: User, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies between the two has done neither."""

    def die(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    clock.move_to(START - timedelta(minutes=10))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(reminder_delivery, "notify", die)
        reminder_delivery.sweep()
    assert Reminder.objects.get(user=bob, kind="early").fired_at is None
    reminder_delivery.sweep()
    assert told(bob) == ["space_reminder"]


def test_it_has_each_row_once_in_the_database_too(space: Space, bob: User) -> None:
    with pytest.raises(IntegrityError):
        Reminder.objects.create(space=space, user=bob, kind="live")


def test_it_tells_many_in_few_queries(
    alice: User, clock: Any, django_assert_max_num_queries: Any
) -> None:
    space = scheduling.schedule(alice, SpaceDraft("Tea"), START, "UTC")
    crowd = User.objects.bulk_create(
        [User(handle=f"c{i}", email=f"c{i}@example.org") for i in range(300)]
    )
    Reminder.objects.bulk_create([Reminder(space=space, user=user, kind="live") for user in crowd])
    clock.move_to(START)
    scheduling.start(space, alice)
    with django_assert_max_num_queries(45):
        assert reminder_delivery.sweep().told == 300
    assert Notification.objects.filter(kind="space_live").count() == 300


def test_it_names_the_host_to_those_it_calls_in(
    space: Space, alice: User, bob: User, clock: Any
) -> None:
    clock.move_to(START)
    scheduling.start(space, alice)
    reminder_delivery.sweep()
    row = Notification.objects.get(recipient=bob, kind="space_live")
    assert (row.actor, row.target_kind, row.target_id) == (alice, "space", space.pk)


def test_it_forgets_rows_of_spaces_long_over(space: Space, alice: User, clock: Any) -> None:
    scheduling.cancel(space, alice)
    assert tasks.forget_old_reminders() == 0
    clock.move_to(START + timedelta(days=31))
    assert tasks.forget_old_reminders() > 0
    assert not Reminder.objects.exists()


def test_it_keeps_the_hosts_clock_when_a_government_changes_it(
    space: Space, bob: User, clock: Any
) -> None:
    """By today's rules the clock shows seven an hour earlier than by yesterday's."""
    assert tasks.keep_wall_clocks() == 0
    Space.objects.filter(pk=space.pk).update(scheduled_for=START + timedelta(hours=1))
    assert tasks.keep_wall_clocks() == 1
    assert Space.objects.get(pk=space.pk).scheduled_for == START
    reminder_delivery.sweep()
    assert told(bob) == ["space_changed"]
