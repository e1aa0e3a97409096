"""Opening, scheduling, editing, moving and cancelling, with every limit of RULES §3."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from spaces.models import Seat, Space
from spaces.rooms.errors import RoomError
from spaces.services import scheduling
from spaces.services.scheduling import SpaceDraft
from tests.spaces.town import green_space, live_space, people, person

pytestmark = pytest.mark.django_db
TEA = SpaceDraft("Tea")


def soon(**ahead: float) -> datetime:
    return timezone.now() + timedelta(**(ahead or {"hours": 1}))


def refusal(work: Any, *args: Any) -> str:  # Any: a service and its arguments.
    with pytest.raises(RoomError) as caught:
        work(*args)
    return caught.value.code


@pytest.fixture
def alice() -> User:
    return person("alice")


def test_it_opens_a_green_room_with_the_host_alone_and_muted(alice: User) -> None:
    space = scheduling.open_now(
        alice, SpaceDraft("  Tea \n time ", topics=["Food", "#food ", "Music"], video_enabled=True)
    )
    seat = Seat.objects.get()
    assert (space.state, space.title, space.video_enabled) == ("green", "Tea time", True)
    assert (seat.user, seat.role, seat.microphone, seat.camera) == (alice, "host", False, False)
    assert [topic.name for topic in space.topics.all()] == ["food", "Music"]
    assert len(space.public_id) == 12


@pytest.mark.parametrize(
    ("first", "second"),
    [("cafe\u0301", "CAF\u00c9"), ("\uff21\uff22\uff23", "abc"), ("Stra\u00dfe", "STRASSE")],
)
def test_a_topic_is_one_in_every_form_of_its_letters(first: str, second: str, alice: User) -> None:
    space = scheduling.open_now(alice, SpaceDraft("Tea", topics=[first, second]))
    assert space.topics.count() == 1


def test_it_replaces_an_unstarted_green_room(alice: User) -> None:
    first, second = scheduling.open_now(alice, TEA), scheduling.open_now(alice, TEA)
    first.refresh_from_db()
    assert (first.state, second.state) == ("cancelled", "green")


def test_it_holds_one_live_space_a_host(alice: User) -> None:
    live_space(alice)
    assert refusal(scheduling.open_now, alice, TEA) == "already_live"


def test_it_refuses_protected_hosts() -> None:
    shy = person("shy", is_protected=True)
    assert refusal(scheduling.open_now, shy, TEA) == "protected_account"
    assert refusal(scheduling.schedule, shy, TEA, soon()) == "protected_account"


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (SpaceDraft(""), "bad_title"),
        (SpaceDraft("x" * 71), "bad_title"),
        (SpaceDraft("\u200b"), "bad_title"),
        (SpaceDraft("T", topics=["a", "b", "c", "d"]), "bad_topics"),
        (SpaceDraft("T", topics=["x" * 31]), "bad_topics"),
        (SpaceDraft("T", language="xx"), "bad_language"),
        (SpaceDraft("T", speak_rule="nobody"), "bad_message"),
    ],
)
def test_it_refuses_bad_drafts(alice: User, draft: SpaceDraft, code: str) -> None:
    assert refusal(scheduling.open_now, alice, draft) == code


@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        ({"seconds": -1}, "bad_time"),
        ({"days": 30, "minutes": 1}, "bad_time"),
        ({"days": 29}, ""),
        ({"minutes": 1}, ""),
    ],
)
def test_it_schedules_within_thirty_days(alice: User, ahead: dict[str, float], code: str) -> None:
    if code:
        assert refusal(scheduling.schedule, alice, TEA, soon(**ahead)) == code
        return
    assert scheduling.schedule(alice, TEA, soon(**ahead), "Asia/Jakarta").state == "scheduled"


def test_it_refuses_unknown_zones_and_an_eleventh_space(alice: User) -> None:
    assert refusal(scheduling.schedule, alice, TEA, soon(), "Mars/Olympus") == "bad_zone"
    for _ in range(10):
        scheduling.schedule(alice, TEA, soon())
    assert refusal(scheduling.schedule, alice, TEA, soon()) == "too_many"


def test_it_moves_and_edits_before_the_start_only(alice: User) -> None:
    bob = person("bob")
    space = scheduling.schedule(alice, TEA, soon())
    assert refusal(scheduling.move, space, bob, soon(), "UTC") == "not_allowed"
    when = soon(days=2)
    assert scheduling.move(space, alice, when, "Europe/Berlin").scheduled_for == when
    assert refusal(scheduling.move, space, alice, soon(days=-2), "UTC") == "bad_time"
    edited = scheduling.edit(space, alice, SpaceDraft("Coffee", topics=["Food"]))
    assert (edited.title, edited.public_id) == ("Coffee", space.public_id)
    live = live_space(bob)
    assert refusal(scheduling.edit, live, bob, TEA) == "already_started"
    scheduling.end(live, bob)
    assert refusal(scheduling.edit, live, bob, TEA) == "ended"


def test_it_starts_once_and_in_time(alice: User) -> None:
    early = scheduling.schedule(alice, TEA, soon(hours=1))
    assert refusal(scheduling.start, early, alice) == "too_early"
    space = scheduling.schedule(alice, TEA, soon(minutes=10))
    assert refusal(scheduling.start, space, person("bob")) == "not_allowed"
    assert scheduling.start(space, alice).state == "live"
    assert refusal(scheduling.start, space, alice) == "already_started"
    assert refusal(scheduling.cancel, space, alice) == "already_started"


def test_it_ends_and_cancels(alice: User) -> None:
    space = scheduling.schedule(alice, TEA, soon())
    assert refusal(scheduling.end, space, alice) == "not_live"
    assert scheduling.cancel(space, alice).state == "cancelled"
    assert refusal(scheduling.cancel, space, alice) == "ended"
    live = live_space(alice)
    assert refusal(scheduling.end, live, person("bob")) == "not_allowed"
    ended = scheduling.end(live, alice)
    assert (ended.state, ended.ended_by, ended.end_reason) == ("ended", alice, "host")


# --- who sees what --------------------------------------------------------------------------------


def seen_by(viewer: User | None) -> set[str]:
    return {space.title for space in Space.objects.visible_to(viewer)}


def test_it_shows_spaces_to_those_who_may_see_them() -> None:
    alice, bob, carol, dave = people("alice", "bob", "carol", "dave")
    staff = person("staff", is_staff=True)
    live, green = live_space(alice, title="live"), green_space(bob, title="green")
    scheduling.schedule(bob, SpaceDraft("later"), soon())
    assert seen_by(None) == seen_by(carol) == {"live", "later"}
    assert seen_by(bob) == {"live", "later", "green"} == seen_by(staff)
    from accounts.services import relationships

    relationships.block(alice, carol)
    relationships.block(dave, alice)
    assert seen_by(carol) == seen_by(dave) == {"later"}
    live.bans.create(user=bob, by=alice)
    assert seen_by(bob) == {"later", "green"}
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert seen_by(None) == {"live"}
    assert green.get_absolute_url() == f"/spaces/{green.public_id}/"
