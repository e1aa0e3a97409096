"""The order of live rooms, who is offered which, and search."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from spaces.models import Attendance, Ban, Seat, Space
from spaces.services import discovery, presence_store, scheduling
from spaces.services.discovery import Filters, Interests, score
from spaces.services.scheduling import SpaceDraft
from spaces.services.visibility import users_who_may_see
from tests.accounts.people import make_follow
from tests.spaces.town import green_space, live_space, people, person

pytestmark = pytest.mark.django_db
ANY = Filters()


def titles(viewer: User | None) -> list[str]:
    return [space.title for space in discovery.live(viewer, ANY, 30)]


def started(space: Space, minutes_ago: float) -> None:
    Space.objects.filter(pk=space.pk).update(
        started_at=timezone.now() - dt.timedelta(minutes=minutes_ago)
    )


def fill(monkeypatch: pytest.MonkeyPatch, sizes: dict[str, int]) -> None:
    """Let rooms have so many people, by title."""
    by_id = {space.public_id: sizes.get(space.title, 0) for space in Space.objects.all()}
    monkeypatch.setattr(
        presence_store, "counts", lambda ids: {public_id: by_id[public_id] for public_id in ids}
    )


def test_it_puts_rooms_of_people_one_follows_first(monkeypatch: pytest.MonkeyPatch) -> None:
    viewer, maya, budi, noor = people("viewer", "maya", "budi", "noor")
    live_space(maya, title="followed host")
    guest = live_space(budi, title="followed guest")
    live_space(noor, title="stranger")
    friend = person("friend")
    Seat.objects.create(space=guest, user=friend, role="speaker", order=1)
    make_follow(viewer, maya, friend)
    assert titles(viewer) == ["followed host", "followed guest", "stranger"]
    fill(monkeypatch, {"stranger": 600})
    assert titles(viewer)[0] == "stranger", "A room that is full enough passes them all."


def test_it_counts_topics_that_the_viewer_was_in_lately() -> None:
    viewer, maya, budi, noor = people("viewer", "maya", "budi", "noor")
    past = live_space(noor, topics=["Rivers"])
    Attendance.objects.create(space=past, user=viewer)
    scheduling.end(past, noor)
    live_space(budi, title="mine", topics=["Rivers"])
    live_space(maya, title="other", topics=["Food"])  # A moment fresher.
    assert titles(viewer) == ["mine", "other"]
    Attendance.objects.filter(user=viewer).update(
        first_joined_at=timezone.now() - dt.timedelta(days=100)
    )
    cache.clear()  # What somebody likes is remembered for a minute.
    assert titles(viewer) == ["other", "mine"], "What was long ago counts no more."


def test_it_weighs_size_and_freshness() -> None:
    space = Space.objects.with_people().get(pk=live_space(person("maya")).pk)
    now = space.started_at or timezone.now()
    assert score(space, Interests(), 0, now) == pytest.approx(3)
    assert score(space, Interests(), 0, now + dt.timedelta(minutes=30)) == pytest.approx(1.5)
    assert score(space, Interests(), 1023, now) == pytest.approx(13)
    assert score(space, Interests(followed=frozenset({space.host_id})), 0, now) == pytest.approx(9)


CASES = [
    "blocked by the host",
    "blocks the host",
    "removed",
    "locked",
    "suspended host",
    "no host",
    "green",
    "ended",
]


@pytest.mark.parametrize("case", CASES)
def test_it_lists_nothing_that_the_viewer_may_not_enter(case: str) -> None:
    viewer, host = people("viewer", "host")
    space = green_space(host) if case == "green" else live_space(host)
    match case:
        case "blocked by the host":
            relationships.block(host, viewer)
        case "blocks the host":
            relationships.block(viewer, host)
        case "removed":
            Ban.objects.create(space=space, user=viewer, by=host)
        case "locked":
            Space.objects.update(locked=True)
        case "suspended host":
            User.objects.filter(pk=host.pk).update(is_active=False)
        case "no host":
            Space.objects.update(host_lost_until=timezone.now())
        case "ended":
            scheduling.end(space, host)
    make_follow(viewer, host)
    assert titles(viewer) == []
    assert discovery.followed_live(viewer, 9) == discovery.search("Tea", viewer, 9) == []


def test_a_locked_room_stays_listed_for_those_who_were_in_it() -> None:
    viewer, host = people("viewer", "host")
    space = live_space(host)
    Space.objects.update(locked=True)
    Attendance.objects.create(space=space, user=viewer)
    assert titles(viewer) == titles(host) == ["Tea"]


def test_visitors_are_offered_what_is_for_visitors() -> None:
    maya, budi = people("maya", "budi")
    live_space(maya, title="members", visitors_allowed=False)
    live_space(budi, title="everybody")
    assert titles(None) == ["everybody"]
    assert set(titles(person("viewer"))) == {"members", "everybody"}


def test_the_bar_has_rooms_of_people_one_follows_and_ones_own() -> None:
    viewer, maya, budi, noor = people("viewer", "maya", "budi", "noor")
    live_space(maya, title="followed")
    live_space(noor, title="stranger")
    live_space(viewer, title="own")
    make_follow(viewer, maya, budi)
    assert {space.title for space in discovery.followed_live(viewer, 9)} == {"followed", "own"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("rivers", ["Two rivers", "Rivers tomorrow"]),
        ("maya", ["Two rivers"]),
        ("@maya RIVERS", ["Two rivers"]),
        ("#food", ["Two rivers"]),
        ("okafor", ["Two rivers"]),
        ("rivers nothing", []),
        ("over", []),
        ("  ", []),
        ("100%", []),
        ("\x00", []),
    ],
)
def test_it_finds_by_title_host_and_topic(query: str, found: list[str]) -> None:
    maya, budi, noor = person("maya", display_name="Maya Okafor"), person("budi"), person("noor")
    scheduling.end(live_space(noor, title="Over and rivers"), noor)
    scheduling.schedule(budi, SpaceDraft("Rivers tomorrow"), timezone.now() + dt.timedelta(days=1))
    live_space(maya, title="Two rivers", topics=["Food"])
    assert [space.title for space in discovery.search(query, None, 9)] == found


@pytest.mark.parametrize(
    "query",
    ["cafe", "ＣＡＦＥ", "聞き", "공부", "jose", "josé café", "cuisine", "#cui", "@jo cafe", "猫"],
)
def test_it_finds_by_title_host_and_topic_in_any_form(query: str) -> None:
    jose, budi = person("jo", display_name="José"), person("budi")
    live_space(jose, title="Café 話を聞きます 영어공부 猫", topics=["Cuisiné"])
    live_space(budi, title="Two rivers", topics=["Food"])
    assert [space.host for space in discovery.search(query, None, 9)] == [jose]


def test_it_finds_no_room_of_whom_blocked_the_viewer() -> None:
    viewer, host = people("viewer", "host")
    live_space(host, title="東京の話")
    assert len(discovery.search("京の", viewer, 9)) == 1
    relationships.block(host, viewer)
    assert discovery.search("京の", viewer, 9) == []


# --- the other way round --------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["scheduled", "green", "live", "ended", "suspended host"])
def test_who_may_see_a_space_is_asked_the_same_both_ways(state: str) -> None:
    host, *crowd = people("host", "stranger", "blocked", "blocker", "removed", "inactive")
    staff = person("staff", is_staff=True)
    if state == "green":
        space = green_space(host)
    elif state == "scheduled":
        space = scheduling.schedule(host, SpaceDraft("Tea"), timezone.now() + dt.timedelta(days=1))
    else:
        space = live_space(host)
    if state == "ended":
        scheduling.end(space, host)
    relationships.block(host, crowd[1])
    relationships.block(crowd[2], host)
    Ban.objects.create(space=space, user=crowd[3], by=host)
    User.objects.filter(handle="inactive").update(is_active=False)
    if state == "suspended host":
        User.objects.filter(pk=host.pk).update(is_active=False)
    space = Space.objects.select_related("host").get(pk=space.pk)
    everybody = [host, *crowd, staff]
    one_by_one = {
        user.pk
        for user in User.objects.filter(pk__in=[one.pk for one in everybody], is_active=True)
        if Space.objects.visible_to(user).filter(pk=space.pk).exists()
    }
    assert users_who_may_see(space, [user.pk for user in everybody]) == one_by_one
