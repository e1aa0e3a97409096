"""What a profile costs with Spaces on it, for every kind of viewer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from spaces.models import Space
from spaces.services import page_rooms, reminders, scheduling
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import browser_of, make_follow, person
from tests.posts.test_queries import cost, everything
from tests.spaces.archive import replay
from tests.spaces.town import live_space

MOST = 12


def upcoming(host: User, days: int = 1) -> Space:
    draft = SpaceDraft(f"River in {days} days", topics=("rivers", "boats"))
    return scheduling.schedule(host, draft, timezone.now() + timedelta(days=days))


def coming(host: User) -> None:
    upcoming(host, 2)


def running(host: User) -> None:
    live_space(host, title="River now", topics=("rivers",))


def both(host: User) -> None:
    coming(host)
    running(host)


def heard_again(host: User) -> None:
    replay(host)
    coming(host)


def everything_at_once(host: User) -> None:
    replay(host)
    both(host)


CASES = [coming, running, both, heard_again, everything_at_once]


@pytest.mark.parametrize("who", ["visitor", "reader", "maya"])
@pytest.mark.parametrize("fill", CASES, ids=lambda case: case.__name__)
def test_it_costs_few_queries_whatever_stands_on_it(
    maya: User, budi: User, noor: User, fill: Callable[[User], None], who: str
) -> None:
    viewer = {"visitor": None, "reader": budi, "maya": maya}[who]
    make_follow(budi, maya, noor)
    make_follow(noor, maya)
    fill(maya)
    link = f"http://localhost{upcoming(noor).get_absolute_url()}"
    everything(maya, budi, link, 0)
    few = cost(viewer, "/@maya/")
    for number in range(1, 4):
        someone = person(f"other{number}")
        live_space(someone, title=f"Elsewhere {number}")
        reminders.subscribe(budi, upcoming(maya, 2 + number), early=True)
        make_follow(someone, maya)
        make_follow(budi, someone)
        everything(maya, budi, f"http://localhost{upcoming(someone).get_absolute_url()}", number)
    many = cost(viewer, "/@maya/")
    assert many <= MOST
    assert many - few <= 1, "A first live room elsewhere may cost one, the hundredth none."


def test_it_finds_the_next_space_of_a_host_also_where_no_page_was_announced(
    maya: User, budi: User
) -> None:
    assert page_rooms.next_of(budi, maya) is None
    later, soon = upcoming(maya, 5), upcoming(maya, 1)
    assert page_rooms.next_of(budi, maya) == soon
    scheduling.cancel(soon, maya)
    assert page_rooms.next_of(None, maya) == later


def test_it_shows_the_next_space_to_those_who_may_enter(maya: User, budi: User) -> None:
    space = upcoming(maya)
    assert space.title in browser_of(budi).get("/@maya/").content.decode()
    Space.objects.filter(pk=space.pk).update(visitors_allowed=False)
    assert space.title not in browser_of(None).get("/@maya/").content.decode()
