import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Block, User
from posts.models import Post
from tests.accounts.people import HTMX, browser_of, make_follow, person


def test_it_shows_a_profile_to_visitors(maya: User) -> None:
    Post.objects.create(author=maya, text="Two hands above the mark")
    page = browser_of(None).get("/@maya/").content.decode()
    assert "Maya Okafor" in page
    assert "Two hands above the mark" in page


def test_it_finds_a_handle_in_any_case_and_shows_its_own(maya: User) -> None:
    answer = browser_of(None).get("/@MAYA/")
    assert (answer.status_code, answer["Location"]) == (302, "/@maya/")


@pytest.mark.parametrize("path", ["/@nobody/", "/@maya/no-such-tab/", "/@nobody/followers/"])
def test_it_answers_not_found_for_what_is_not_there(maya: User, path: str) -> None:
    assert browser_of(maya).get(path).status_code == 404


def test_it_shows_nobody_who_is_suspended(maya: User) -> None:
    User.objects.filter(pk=maya.pk).update(is_active=False)
    assert browser_of(None).get("/@maya/").status_code == 404


@pytest.mark.parametrize("looks", ["maya", "budi"])
def test_it_hides_posts_and_lists_across_a_block(maya: User, budi: User, looks: str) -> None:
    Post.objects.create(author=maya, text="Not for Budi")
    Post.objects.create(author=budi, text="Not for Maya")
    Block.objects.create(blocker=maya, blocked=budi)
    viewer, other = (maya, "budi") if looks == "maya" else (budi, "maya")
    page = browser_of(viewer).get(f"/@{other}/").content.decode()
    assert "Not for" not in page
    assert ("Unblock" in page) == (looks == "maya")  # The blocked person is not told of the block.
    assert browser_of(viewer).get(f"/@{other}/followers/").status_code == 404


@pytest.mark.parametrize(
    ("who", "sees"), [("visitor", False), ("stranger", False), ("follower", True), ("self", True)]
)
def test_it_shows_protected_posts_to_followers_alone(
    budi: User, noor: User, who: str, sees: bool
) -> None:
    citra = person("citra", is_protected=True)
    make_follow(budi, citra)
    Post.objects.create(author=citra, text="Among friends")
    viewer = {"visitor": None, "stranger": noor, "follower": budi, "self": citra}[who]
    answer = browser_of(viewer).get("/@citra/")
    assert ("Among friends" in answer.content.decode()) == sees
    assert browser_of(viewer).get("/@citra/followers/").status_code == (200 if sees else 404)


def test_it_lists_followers_and_following(maya: User, budi: User, noor: User) -> None:
    make_follow(budi, maya)
    make_follow(maya, noor)
    assert "Budi Santoso" in browser_of(noor).get("/@maya/followers/").content.decode()
    rows = browser_of(noor).get("/@maya/following/").context["rows"]
    assert [one.handle for one, _relation in rows] == ["noor"]


def test_it_pages_long_lists_by_key(maya: User) -> None:
    for number in range(45):
        make_follow(person(f"fan{number:02}"), maya)
    browser = browser_of(maya)
    first = browser.get("/@maya/followers/")
    second = browser.get(f"/@maya/followers/?after={first.context['next']}", headers=HTMX)
    assert "<html" not in second.content.decode()
    handles = [
        one.handle for answer in (first, second) for one, _relation in answer.context["rows"]
    ]
    assert handles == [f"fan{number:02}" for number in reversed(range(45))]
    assert browser.get("/@maya/followers/?after=9e9").status_code == 400


def test_it_costs_the_same_for_any_number_of_posts(
    maya: User, budi: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        Post.objects.create(author=maya, text=f"Reading {number}")
    browser = browser_of(budi)
    browser.get("/@maya/")  # Fills the caches that all pages share.
    with django_assert_max_num_queries(12):
        browser.get("/@maya/")
