import datetime as dt

from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from spaces.services import scheduling
from spaces.services.cards import SpaceCard
from spaces.services.scheduling import SpaceDraft
from spaces.views import page_slots
from tests.accounts.people import browser_of, make_follow
from tests.spaces.town import green_space, live_space, person


def test_it_stands_beside_every_page_while_something_is_live(maya: User, budi: User) -> None:
    assert page_slots.live_now(budi, None) is None
    space = live_space(maya, title="Rivers")
    assert "Rivers" in browser_of(budi).get("/explore/").content.decode()
    scheduling.end(space, maya)
    assert page_slots.live_now(budi, None) is None


def test_it_puts_rooms_of_followed_people_on_the_shelf(maya: User, budi: User) -> None:
    live_space(maya)
    assert page_slots.shelf(budi, None) is None, "nobody of these is followed"
    make_follow(budi, maya)
    assert page_slots.shelf(budi, None) is not None
    assert page_slots.shelf(None, None) is None


def test_it_shows_on_a_profile_the_room_that_person_is_in(maya: User, budi: User) -> None:
    assert page_slots.profile(budi, maya) is None
    live_space(maya, title="Rivers")
    part = page_slots.profile(None, maya)
    assert part is not None
    card = part.context["card"]
    assert isinstance(card, SpaceCard)
    assert card.space.title == "Rivers"


def test_it_counts_live_rooms_of_followed_people(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    live_space(maya)
    live_space(person("stranger"))
    part = page_slots.nav_badge(budi, None)
    assert part is not None
    assert part.context["count"] == 1


def test_it_tells_nobody_of_a_green_room_or_over_a_block(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    green_space(maya)
    assert page_slots.live_now(budi, None) is None
    live_space(maya)
    relationships.block(maya, budi)
    for build in (page_slots.live_now, page_slots.shelf, page_slots.nav_badge):
        assert build(budi, None) is None
    assert page_slots.profile(budi, maya) is None


def test_it_lets_a_space_be_reported_by_those_who_see_it(maya: User, budi: User) -> None:
    space = live_space(maya, title="Rivers")
    address = f"/report/space/{space.pk}/"
    assert "Rivers" in browser_of(budi).get(address).content.decode()
    relationships.block(maya, budi)
    assert browser_of(budi).get(address).status_code == 404


def test_the_search_of_the_site_finds_spaces_too(maya: User, budi: User) -> None:
    scheduling.schedule(maya, SpaceDraft("Two rivers"), timezone.now() + dt.timedelta(days=1))
    page = browser_of(budi).get("/search/", {"q": "rivers"}).content.decode()
    assert "Two rivers" in page and "/spaces/?q=rivers" in page
    assert "Two rivers" not in browser_of(budi).get("/search/", {"q": "mountains"}).content.decode()
