import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from spaces.models import Reminder, Space
from spaces.services import scheduling
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import HTMX, browser_of
from tests.spaces.town import live_space


@pytest.fixture
def space(maya: User) -> Space:
    return scheduling.schedule(
        maya, SpaceDraft("Tea"), timezone.now() + dt.timedelta(days=1), "Asia/Jakarta"
    )


def url(space: Space) -> str:
    return f"/spaces/{space.public_id}/reminder/"


def kinds(user: User) -> set[str]:
    return set(Reminder.objects.filter(user=user).values_list("kind", flat=True))


def test_it_switches_on_and_off_in_place(space: Space, budi: User) -> None:
    browser = browser_of(budi)
    on = browser.post(url(space), {"want": "early"}, headers=HTMX).content.decode()
    assert 'data-reminder="early"' in on and "Reminder set" in on
    assert "early" in kinds(budi)
    assert (
        'data-reminder="on"'
        in browser.post(url(space), {"want": "on", "look": "page"}, headers=HTMX).content.decode()
    )
    off = browser.post(url(space), {"want": "off"}, headers=HTMX).content.decode()
    assert "Set reminder" in off and kinds(budi) == set()


def test_it_works_without_scripts(space: Space, budi: User) -> None:
    answer = browser_of(budi).post(url(space), {"want": "early"})
    assert (answer.status_code, answer["Location"]) == (302, space.get_absolute_url())
    assert kinds(budi)


@pytest.mark.parametrize("page", ["/spaces/", "/spaces/?tab=upcoming", "space", "profile", "card"])
def test_it_is_on_every_page_that_shows_the_space(
    space: Space, maya: User, budi: User, page: str
) -> None:
    paths = {"space": space.get_absolute_url(), "profile": maya.get_absolute_url()}
    path = paths.get(page, f"{space.get_absolute_url()}card/" if page == "card" else page)
    assert "Set reminder" in browser_of(budi).get(path).content.decode()
    browser_of(budi).post(url(space), {"want": "on"})
    assert "Reminder set" in browser_of(budi).get(path).content.decode()
    assert url(space) not in browser_of(maya).get(path).content.decode(), (
        "Nobody is reminded of their own."
    )


def test_the_host_sees_how_many_wait(space: Space, maya: User, budi: User, noor: User) -> None:
    for one in (budi, noor):
        browser_of(one).post(url(space), {"want": "on"})
    assert (
        "2 people want to be reminded."
        in browser_of(maya).get(space.get_absolute_url()).content.decode()
    )
    assert (
        "want to be reminded" not in browser_of(budi).get(space.get_absolute_url()).content.decode()
    )
    assert "2 reminders" in browser_of(maya).get("/spaces/").content.decode()


def test_it_sends_visitors_to_the_log_in(space: Space) -> None:
    assert (
        browser_of(None).post(url(space), {"want": "on"})["Location"].startswith("/account/login/")
    )
    assert "Set reminder" in browser_of(None).get(space.get_absolute_url()).content.decode()


def test_it_refuses_who_may_not_see_it(space: Space, maya: User, budi: User) -> None:
    relationships.block(maya, budi)
    assert browser_of(budi).post(url(space), {"want": "on"}).status_code == 404
    assert kinds(budi) == set()


@pytest.mark.parametrize("whose", ["own", "live", "cancelled"])
def test_it_says_why_not(space: Space, maya: User, budi: User, whose: str) -> None:
    target = live_space(budi) if whose == "live" else space
    if whose == "cancelled":
        scheduling.cancel(space, maya)
    answer = browser_of(maya).post(url(target), {"want": "on"}, headers=HTMX)
    assert (answer.status_code, "toast" in answer["HX-Trigger"]) == (200, True)
    assert not Reminder.objects.filter(kind="live").exists()


def test_it_takes_a_strange_wish_for_off(space: Space, budi: User) -> None:
    browser_of(budi).post(url(space), {"want": "on"})
    browser_of(budi).post(url(space), {"want": "perhaps"})
    assert kinds(budi) == set()


def test_it_takes_no_other_method(space: Space, budi: User) -> None:
    assert browser_of(budi).get(url(space)).status_code == 405
