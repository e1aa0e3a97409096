import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import relationships
from posts.services import interactions, posting
from tests.accounts.people import BOOSTED, HTMX, browser_of, make_follow
from tests.spaces.town import live_space

PAGES = ["/", "/explore/", "/search/", "/search/?q=river", "/tags/river/"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("logged_in", [True, False])
def test_it_shows_its_pages_to_everybody(maya: User, path: str, logged_in: bool) -> None:
    posting.publish(maya, "The #river is low")
    answer = browser_of(maya if logged_in else None).get(path)
    assert answer.status_code == 200
    assert ("is low" in answer.content.decode()) == (path != "/search/")


def test_it_answers_htmx_with_the_next_page_alone(maya: User) -> None:
    for number in range(25):
        posting.publish(maya, f"Reading {number}")
    browser = browser_of(maya)
    following = browser.get("/").context["page"].next
    fragment = browser.get("/", {"after": str(following)}, headers=HTMX).content.decode()
    assert "<html" not in fragment
    assert fragment.count("<article") == 5
    assert "More posts" not in fragment


@pytest.mark.parametrize(
    "headers", [{}, BOOSTED, {"HX-Request": "true", "HX-History-Restore-Request": "true"}]
)
def test_it_answers_visits_with_the_whole_page(maya: User, headers: dict[str, str]) -> None:
    assert "<html" in browser_of(maya).get("/", headers=headers).content.decode()


def test_it_keeps_the_query_in_the_link_to_the_next_page(maya: User) -> None:
    for number in range(25):
        posting.publish(maya, f"River {number}")
    assert "?q=river&amp;after=" in browser_of(None).get("/search/?q=river").content.decode()


def test_it_offers_new_posts_when_there_are_some(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    posting.publish(maya, "one")
    browser = browser_of(budi)
    since = str(browser.get("/").context["page"].first)
    assert browser.get("/home/new/", {"since": since}).status_code == 204
    posting.publish(maya, "two")
    assert "1 new post" in browser.get("/home/new/", {"since": since}).content.decode()
    assert browser.get("/home/new/", {"since": "mangled"}).status_code == 400


def test_it_keeps_bookmarks_private(maya: User, budi: User) -> None:
    interactions.bookmark(budi, posting.publish(maya, "kept"))
    assert "kept" in browser_of(budi).get("/bookmarks/").content.decode()
    assert 'id="post-' not in browser_of(maya).get("/bookmarks/").content.decode()
    assert browser_of(None).get("/bookmarks/").status_code == 302


def test_it_escapes_the_query(maya: User) -> None:
    page = (
        browser_of(maya).get("/search/", {"q": '"><script>alert(1)</script>\x00'}).content.decode()
    )
    assert "<script>alert" not in page


def test_it_asks_a_home_page_in_few_queries_however_many_posts(
    maya: User, budi: User, noor: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_follow(budi, maya, noor)
    browser = browser_of(budi)
    for number in range(40):
        post = posting.publish(maya, f"Reading {number} #tag @noor http://testserver/spaces/none/")
        interactions.repost(noor, post)
        if number in (0, 39):
            browser.get("/")  # Fills the caches that all pages share.
            with django_assert_max_num_queries(12):
                browser.get("/")


@pytest.mark.parametrize("place", ["profile", "nav_badge", "nonsense"])
def test_it_draws_no_other_part_alone(maya: User, place: str) -> None:
    assert browser_of(maya).get(f"/parts/{place}/").status_code == 404
    assert browser_of(maya).get("/parts/live_now/").status_code == 200


def test_it_finds_a_live_space_among_people_and_posts(maya: User, noor: User) -> None:
    space = live_space(maya, title="River talk tonight")
    html = browser_of(noor).get("/search/?q=river+talk").content.decode()
    assert f'href="{space.get_absolute_url()}"' in html
    relationships.block(maya, noor)
    assert (
        "River talk tonight" not in browser_of(noor).get("/search/?q=river+talk").content.decode()
    )


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("#cafe\u0301", "caf\u00e9"),
        ("#\uff21\uff22\uff23", "abc"),
        ("#ABC", "\uff41\uff42\uff43"),
        ("＃東京", "東京"),
        ("#हिन्दी", "हिन्दी"),
        ("#می\u200cخواهم", "می\u200cخواهم"),
        ("#ぼっち・ざ・ろっく", "ぼっち・ざ・ろっく"),
    ],
)
def test_it_has_one_page_for_all_ways_to_write_a_tag(maya: User, typed: str, asked: str) -> None:
    posting.publish(maya, f"Here: {typed}")
    client = browser_of(None)
    html = client.get(reverse("posts:tag", args=[asked])).content.decode()
    assert f'class="link" href="{reverse("posts:tag", args=[typed[1:]])}">{typed}</a>' in html
    found = client.get(reverse("api-tag", args=[asked])).json()["results"]
    assert [post["text"] for post in found] == [f"Here: {typed}"]
