import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from spaces.models import Space
from spaces.services import scheduling
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import browser_of, make_follow
from tests.spaces.town import green_space, live_space, person


def tab(viewer: User | None, **query: str) -> str:
    return browser_of(viewer).get("/spaces/", query).content.decode()


def scheduled(host: User, title: str = "Tea", **fields: object) -> Space:
    draft = SpaceDraft(title, **fields)  # type: ignore[arg-type]  # Tests name what they change.
    return scheduling.schedule(host, draft, timezone.now() + dt.timedelta(days=2))


def test_it_shows_what_is_live_and_what_comes(maya: User, budi: User) -> None:
    live_space(maya, title="Rivers")
    scheduled(budi, "Birds at dawn")
    page = tab(None)
    assert "Rivers" in page
    assert "Birds at dawn" in page


def test_it_says_that_nothing_is_live(maya: User) -> None:
    assert "Quiet right now" in tab(None)


def test_it_shows_people_the_viewer_follows_first(maya: User, budi: User) -> None:
    live_space(maya, title="By Maya")
    live_space(budi, title="By Budi")
    viewer = person("viewer")
    make_follow(viewer, maya)
    page = tab(viewer)
    assert page.index("By Maya") < page.index("By Budi")


@pytest.mark.parametrize("kind", ["green", "ended", "cancelled", "hostless", "blocked"])
def test_it_never_lists_what_nobody_can_join(maya: User, budi: User, kind: str) -> None:
    space = (
        green_space(maya, title="Hidden room")
        if kind == "green"
        else live_space(maya, title="Hidden room")
    )
    if kind in ("ended", "cancelled"):
        scheduling.end(space, maya)
    if kind == "hostless":
        Space.objects.filter(pk=space.pk).update(
            host_lost_until=timezone.now() + dt.timedelta(minutes=1)
        )
    if kind == "blocked":
        relationships.block(budi, maya)
    assert "Hidden room" not in tab(budi).replace('placeholder="Hidden room"', "")


def test_it_filters_by_topic_and_language(maya: User, budi: User) -> None:
    live_space(maya, title="Sambal", topics=["Food"], language="id")
    live_space(budi, title="Rust", topics=["Technology"], language="en")
    assert "Rust" not in tab(None, topic="food")
    assert "Sambal" in tab(None, topic="food")
    assert "Sambal" not in tab(None, language="en")
    assert "Nobody is on stage for what you chose." in tab(None, topic="food", language="en")


def test_it_offers_only_filters_that_find_something(maya: User) -> None:
    space = live_space(maya, topics=["Food"])
    assert "topic=food" in tab(None)
    scheduling.end(space, maya)
    assert "topic=food" not in tab(None)


def test_it_takes_an_unknown_filter_or_tab_for_what_it_is(maya: User) -> None:
    live_space(maya, title="Rivers")
    assert "Rivers" not in tab(None, topic="<script>")
    assert "Rivers" in tab(None, tab="nonsense")


def test_it_shows_the_hosts_next_space_beside(maya: User) -> None:
    scheduled(maya, "My own")
    assert "Your next Space" in tab(maya)
    assert "Your next Space" not in tab(None)


def test_it_asks_the_database_no_more_for_more_rooms(maya: User) -> None:
    def fill(*numbers: int) -> int:
        for number in numbers:
            live_space(person(f"host{number}"), title=f"Room {number}", topics=["Food"])
            scheduled(person(f"planner{number}"), f"Plan {number}", topics=["Music"])
        browser = browser_of(maya)
        browser.get("/spaces/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/spaces/")
        return len(queries)

    assert fill(1, 2) == fill(3, 4, 5)
