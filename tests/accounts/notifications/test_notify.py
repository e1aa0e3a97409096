import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.extension_points.kinds import Description
from accounts.models import Block, Mute, Notification, User
from accounts.notifications import notify
from tests.accounts.declared import declare, kind
from tests.accounts.people import person

LIKE = Notification.Kind.LIKE


@pytest.fixture(autouse=True)
def things(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of thing of which number 13 is gone."""

    def describe(ids: set[int], viewer: User) -> dict[int, Description]:
        return {pk: Description(f"/things/{pk}/", f"Thing {pk}") for pk in ids - {13}}

    declare(monkeypatch, kinds=(kind("thing", describe=describe),))


def test_it_tells_each_person_once_for_the_same_thing(maya: User, budi: User) -> None:
    for _ in range(2):
        notify.notify([maya.pk], LIKE, budi, ("thing", 1))
    assert notify.unread_count(maya) == 1


def test_it_tells_nobody_of_their_own_doings(maya: User) -> None:
    notify.notify([maya.pk], LIKE, maya, ("thing", 1))
    assert notify.unread_count(maya) == 0


@pytest.mark.parametrize("wall", ["block", "blocked", "mute"])
def test_it_is_silent_across_a_block_or_mute(maya: User, budi: User, wall: str) -> None:
    if wall == "mute":
        Mute.objects.create(muter=maya, muted=budi)
    else:
        pair = (maya, budi) if wall == "block" else (budi, maya)
        Block.objects.create(blocker=pair[0], blocked=pair[1])
    notify.notify([maya.pk], LIKE, budi, ("thing", 1))
    assert not Notification.objects.exists()


def test_it_hides_older_alerts_of_people_blocked_or_suspended_since(
    maya: User, budi: User, noor: User
) -> None:
    notify.notify([maya.pk], LIKE, budi, ("thing", 1))
    notify.notify([maya.pk], LIKE, noor, ("thing", 1))
    Block.objects.create(blocker=maya, blocked=budi)
    User.objects.filter(pk=noor.pk).update(is_active=False)
    assert notify.unread_count(maya) == 0


def test_it_groups_those_who_pressed_the_same_and_names_the_newest(
    maya: User, budi: User, noor: User
) -> None:
    for one in (budi, noor):
        notify.notify([maya.pk], LIKE, one, ("thing", 1))
    alerts, _more = notify.alerts_for(maya)
    assert [(alert.people[0].handle, alert.more, alert.target) for alert in alerts] == [
        ("noor", 1, Description("/things/1/", "Thing 1"))
    ]


def test_it_does_not_group_what_people_wrote(maya: User, budi: User, noor: User) -> None:
    for one in (budi, noor):
        notify.notify([maya.pk], Notification.Kind.REPLY, one, ("thing", 1))
    assert len(notify.alerts_for(maya)[0]) == 2


def test_it_leaves_out_what_is_gone(maya: User, budi: User) -> None:
    notify.notify([maya.pk], LIKE, budi, ("thing", 13))
    assert notify.alerts_for(maya)[0] == []


def test_it_pages_from_newest_to_oldest(maya: User) -> None:
    for number in range(5):
        notify.notify([maya.pk], LIKE, person(f"fan{number}"), ("thing", 20 + number))
    first, more = notify.alerts_for(maya, limit=3)
    second, end = notify.alerts_for(maya, before=more, limit=3)
    seen = [alert.people[0].handle for alert in [*first, *second]]
    assert seen == ["fan4", "fan3", "fan2", "fan1", "fan0"]
    assert end is None


def test_it_marks_all_read(maya: User, budi: User) -> None:
    notify.notify([maya.pk], LIKE, budi, ("thing", 1))
    notify.mark_read(maya)
    assert notify.unread_count(maya) == 0
    assert not notify.alerts_for(maya)[0][0].is_new


def test_it_retracts_one_alert_and_no_other(maya: User, budi: User) -> None:
    notify.notify([maya.pk], LIKE, budi, ("thing", 1))
    notify.notify([maya.pk], LIKE, budi, ("thing", 2))
    notify.retract(maya.pk, LIKE, budi, ("thing", 1))
    assert list(Notification.objects.values_list("target_id", flat=True)) == [2]


def test_it_asks_each_kind_once_a_page(
    maya: User, budi: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, 9):
        notify.notify([maya.pk], LIKE, budi, ("thing", number))
    with django_assert_num_queries(1):
        notify.alerts_for(maya)
