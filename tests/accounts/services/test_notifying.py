import pytest
from pytest_django import DjangoAssertNumQueries

from accounts import targets
from accounts.models import Block, Mute, Notification, User
from accounts.services import notifying
from accounts.targets import Description
from tests.accounts.people import person

LIKE = Notification.Kind.LIKE


@pytest.fixture(autouse=True)
def things(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of thing of which number 13 is gone."""

    def describe(ids: set[int], viewer: User) -> dict[int, Description]:
        return {pk: Description(f"/things/{pk}/", f"Thing {pk}") for pk in ids - {13}}

    monkeypatch.setitem(targets._registry, "thing", describe)


def test_it_tells_each_person_once_for_the_same_thing(maya: User, budi: User) -> None:
    for _ in range(2):
        notifying.notify([maya.pk], LIKE, budi, ("thing", 1))
    assert notifying.unread_count(maya) == 1


def test_it_tells_nobody_of_their_own_doings(maya: User) -> None:
    notifying.notify([maya.pk], LIKE, maya, ("thing", 1))
    assert notifying.unread_count(maya) == 0


@pytest.mark.parametrize("wall", ["block", "blocked", "mute"])
def test_it_is_silent_across_a_block_or_mute(maya: User, budi: User, wall: str) -> None:
    if wall == "mute":
        Mute.objects.create(muter=maya, muted=budi)
    else:
        pair = (maya, budi) if wall == "block" else (budi, maya)
        Block.objects.create(blocker=pair[0], blocked=pair[1])
    notifying.notify([maya.pk], LIKE, budi, ("thing", 1))
    assert not Notification.objects.exists()


def test_it_hides_older_alerts_of_people_blocked_or_suspended_since(maya: User, budi: User, noor: User) -> None:
    notifying.notify([maya.pk], LIKE, budi, ("thing", 1))
    notifying.notify([maya.pk], LIKE, noor, ("thing", 1))
    Block.objects.create(blocker=maya, blocked=budi)
    User.objects.filter(pk=noor.pk).update(is_active=False)
    assert notifying.unread_count(maya) == 0


def test_it_groups_those_who_pressed_the_same_and_names_the_newest(maya: User, budi: User, noor: User) -> None:
    for one in (budi, noor):
        notifying.notify([maya.pk], LIKE, one, ("thing", 1))
    alerts, _more = notifying.alerts_for(maya)
    assert [(alert.people[0].handle, alert.more, alert.target) for alert in alerts] == [
        ("noor", 1, Description("/things/1/", "Thing 1"))
    ]


def test_it_does_not_group_what_people_wrote(maya: User, budi: User, noor: User) -> None:
    for one in (budi, noor):
        notifying.notify([maya.pk], Notification.Kind.REPLY, one, ("thing", 1))
    assert len(notifying.alerts_for(maya)[0]) == 2


def test_it_leaves_out_what_is_gone(maya: User, budi: User) -> None:
    notifying.notify([maya.pk], LIKE, budi, ("thing", 13))
    assert notifying.alerts_for(maya)[0] == []


def test_it_pages_from_newest_to_oldest(maya: User) -> None:
    for number in range(5):
        notifying.notify([maya.pk], LIKE, person(f"fan{number}"), ("thing", 20 + number))
    first, more = notifying.alerts_for(maya, limit=3)
    second, end = notifying.alerts_for(maya, before=more, limit=3)
    seen = [alert.people[0].handle for alert in [*first, *second]]
    assert seen == ["fan4", "fan3", "fan2", "fan1", "fan0"]
    assert end is None


def test_it_marks_all_read(maya: User, budi: User) -> None:
    notifying.notify([maya.pk], LIKE, budi, ("thing", 1))
    notifying.mark_read(maya)
    assert notifying.unread_count(maya) == 0
    assert not notifying.alerts_for(maya)[0][0].is_new


def test_it_retracts_one_alert_and_no_other(maya: User, budi: User) -> None:
    notifying.notify([maya.pk], LIKE, budi, ("thing", 1))
    notifying.notify([maya.pk], LIKE, budi, ("thing", 2))
    notifying.retract(maya.pk, LIKE, budi, ("thing", 1))
    assert list(Notification.objects.values_list("target_id", flat=True)) == [2]


def test_it_asks_each_kind_once_a_page(
    maya: User, budi: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, 9):
        notifying.notify([maya.pk], LIKE, budi, ("thing", number))
    with django_assert_num_queries(1):
        notifying.alerts_for(maya)
