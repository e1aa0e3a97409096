"""Who wants to be told, and when that is due."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from spaces.models import Reminder, Space
from spaces.rooms.errors import RoomError
from spaces.services import reminders, scheduling
from spaces.services.scheduling import SpaceDraft
from tests.spaces.town import green_space, live_space, people, person

pytestmark = pytest.mark.django_db
Kind = Reminder.Kind


def soon(**ahead: float) -> datetime:
    return timezone.now() + timedelta(**(ahead or {"hours": 1}))


def scheduled(host: User, **ahead: float) -> Space:
    return scheduling.schedule(host, SpaceDraft("Tea"), soon(**ahead), "Asia/Jakarta")


def kinds_of(user: User) -> set[str]:
    return set(Reminder.objects.filter(user=user, fired_at=None).values_list("kind", flat=True))


def refusal(user: User, space: Space) -> str:
    with pytest.raises(RoomError) as caught:
        reminders.subscribe(user, space, early=False)
    return caught.value.code


def test_it_keeps_one_row_a_kind_however_often_one_asks() -> None:
    alice, bob = people("alice", "bob")
    space = scheduled(alice)
    for early in (False, True, True):
        reminders.subscribe(bob, space, early=early)
    assert kinds_of(bob) == {"live", "late", "moved", "early"}
    assert Reminder.objects.filter(user=bob).count() == 4
    assert reminders.counts([space.pk]) == {space.pk: 1}
    assert reminders.choices(bob, [space.pk]) == {space.pk: "early"}


def test_it_takes_the_early_one_back_alone() -> None:
    alice, bob = people("alice", "bob")
    space = scheduled(alice)
    reminders.subscribe(bob, space, early=True)
    reminders.subscribe(bob, space, early=False)
    assert reminders.choices(bob, [space.pk]) == {space.pk: "on"}


def test_it_leaves_out_the_early_one_where_it_is_too_late_for_it() -> None:
    alice, bob = people("alice", "bob")
    reminders.subscribe(bob, scheduled(alice, minutes=5), early=True)
    assert kinds_of(bob) == {"live", "late", "moved"}


def test_it_forgets_whom_it_concerned_no_longer() -> None:
    alice, bob = people("alice", "bob")
    space = scheduled(alice)
    reminders.subscribe(bob, space, early=True)
    reminders.unsubscribe(bob, space)
    reminders.unsubscribe(alice, space)
    assert kinds_of(bob) == set()
    assert kinds_of(alice) == {"host_early", "host_due"}, (
        "What the host is told of their own Space stays."
    )


def test_it_refuses_the_host_and_what_has_begun_or_is_over() -> None:
    alice, bob, carol = people("alice", "bob", "carol")
    space = scheduled(alice)
    assert refusal(alice, space) == "not_allowed"
    assert refusal(bob, live_space(carol)) == "already_started"
    assert refusal(bob, green_space(person("dave"))) == "already_started"
    scheduling.cancel(space, alice)
    assert refusal(bob, space) == "ended"


def test_it_makes_the_hosts_own_rows_that_are_not_past() -> None:
    alice, bob = people("alice", "bob")
    scheduled(alice, hours=2)
    scheduled(bob, minutes=20)
    assert kinds_of(alice) == {"host_early", "host_due", "cancelled"}
    assert kinds_of(bob) == {"host_due", "cancelled"}


def test_it_moves_with_the_space() -> None:
    alice, bob = people("alice", "bob")
    space = scheduled(alice)
    reminders.subscribe(bob, space, early=True)
    Reminder.objects.filter(kind=Kind.EARLY).update(fired_at=timezone.now(), outcome="told")
    later = soon(hours=5)
    scheduling.move(space, alice, later, "Asia/Jakarta")
    waiting = Reminder.objects.filter(fired_at=None)
    due = {row.kind: row.due_at for row in waiting if row.due_at}
    assert (
        due[Kind.EARLY]
        == due[Kind.HOST_EARLY] + timedelta(minutes=20)
        == later - timedelta(minutes=10)
    )
    assert (due[Kind.LATE], due[Kind.HOST_DUE]) == (later + timedelta(minutes=10), later)
    assert Kind.LIVE not in due
    assert due[Kind.MOVED] <= timezone.now()


def test_it_tells_nobody_of_a_move_to_the_same_time() -> None:
    alice, bob = people("alice", "bob")
    space = scheduled(alice)
    reminders.subscribe(bob, space, early=False)
    assert space.scheduled_for is not None
    scheduling.move(space, alice, space.scheduled_for, "Europe/Berlin")
    assert Reminder.objects.get(kind=Kind.MOVED).due_at is None
