"""Visitors: counted by their network, and shown what others were shown a moment ago."""

import re
from collections.abc import Sequence

import pytest
import redis
from django.test import Client
from django.urls import get_resolver
from limits import parse
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from config.http import rate_limits, visitor_pages
from posts.models import Post
from tests.accounts.people import browser_of, person

HERE, NEXT_DOOR, ELSEWHERE = "2001:db8:1:1::7", "2001:db8:1:1:ffff::9", "2001:db8:1:2::7"
SERVER_TIME = re.compile(r'name="server-time" content="(\d+)"')


@pytest.fixture
def ayu(db: None) -> User:
    return person("ayu", display_name="Ayu Lestari")


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, rate in {"page": 3, "deep": 2, "part": 4}.items():
        monkeypatch.setitem(rate_limits.RATES, name, parse(f"{rate} per hour"))


def statuses(path: str, times: int, address: str = HERE, client: Client | None = None) -> list[int]:
    browser = client or Client()
    return [browser.get(path, REMOTE_ADDR=address).status_code for _ in range(times)]


@pytest.mark.usefixtures("_few", "ayu")
@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 3),
        ("/explore/", 3),
        ("/@ayu/", 3),
        ("/@ayu/replies/", 3),
        ("/@nobody/", 3),  # Looking for what is not there costs, too.
        ("/tags/tea/", 3),
        ("/spaces/", 3),
        ("/explore/?after=x", 2),
        ("/sitemap.xml", 2),
        ("/api/v1/timelines/public/", 3),
        ("/api/v1/timelines/public/?cursor=", 2),
    ],
)
def test_it_counts_what_visitors_ask_for_by_their_network(path: str, most: int) -> None:
    got = statuses(path, most + 1)
    assert 429 not in got[:-1]
    assert got[-1] == 429
    assert statuses(path, 1, NEXT_DOOR) == [429], "the same line has 2**64 addresses"
    assert statuses(path, 1, ELSEWHERE) != [429]


@pytest.mark.usefixtures("_few")
def test_it_says_when_to_come_back(ayu: User) -> None:
    statuses("/explore/", 3)
    page = Client().get("/explore/", REMOTE_ADDR=HERE)
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert "That was a bit fast" in page.content.decode()
    api = Client().get("/api/v1/timelines/public/", REMOTE_ADDR=HERE)
    assert (api.status_code, api.json()["code"]) == (429, "rate_limited")
    assert int(api["Retry-After"]) > 0


@pytest.mark.usefixtures("_few")
def test_it_counts_no_account_no_file_and_no_monitor(ayu: User) -> None:
    assert set(statuses("/explore/", 5, client=browser_of(ayu))) == {200}
    assert set(statuses("/healthz", 5)) == {200}
    assert set(statuses("/manifest.webmanifest", 5)) == {200}


@pytest.mark.usefixtures("_few", "ayu")
@pytest.mark.parametrize("path", ["/explore/", "/api/v1/timelines/public/"])
@pytest.mark.parametrize("header", ["Basic eA==", "Bearer x", "Token", "tokenx"])
def test_it_takes_no_header_for_an_account(path: str, header: str) -> None:
    client = Client(headers={"Authorization": header})
    assert statuses(path, 4, client=client)[-1] == 429


@pytest.mark.usefixtures("_few", "ayu")
def test_it_leaves_a_bad_token_to_the_api() -> None:
    client = Client(headers={"Authorization": "Token none"})
    assert set(statuses("/api/v1/timelines/public/", 5, client=client)) == {401}
    assert statuses("/explore/", 4, client=client)[-1] == 429


def routes() -> set[str]:
    found = set()

    def walk(patterns: Sequence[object], space: str) -> None:
        for one in patterns:
            inner = getattr(one, "url_patterns", None)
            if inner is not None:
                own = getattr(one, "namespace", None)
                walk(inner, f"{own}:" if own else space)
            elif name := getattr(one, "name", None):
                found.add(f"{space}{name}")

    walk(get_resolver().url_patterns, "")
    return found


def test_it_names_routes_that_exist() -> None:
    named = (
        visitor_pages.FILES | visitor_pages.MONITORS | visitor_pages.PARTS | visitor_pages.CACHED
    )
    assert named - routes() == set()


@pytest.fixture
def _cached(settings: Settings) -> None:
    settings.VISITOR_CACHE_S = 3


@pytest.mark.usefixtures("_cached")
def test_it_makes_a_page_once_for_all_visitors_and_keeps_it_for_seconds(
    ayu: User, django_assert_num_queries: DjangoAssertNumQueries, own_redis: redis.Redis
) -> None:
    Post.objects.create(author=ayu, text="Tea at eight")
    first = Client().get("/@ayu/").content.decode()
    assert "Tea at eight" in first
    with django_assert_num_queries(0):
        second = Client().get("/@ayu/")
    assert second["Content-Type"] == "text/html; charset=utf-8"
    text = second.content.decode()
    made, shown = (SERVER_TIME.search(page) for page in (first, text))
    assert made and shown
    assert int(shown[1]) >= int(made[1])
    assert SERVER_TIME.sub("", text) == SERVER_TIME.sub("", first)
    (key,) = own_redis.keys("*visitor_page*")
    assert 0 < own_redis.pttl(key) <= 3000
    own_redis.delete(key)  # As Redis does then.
    Post.objects.all().delete()
    assert "Tea at eight" not in Client().get("/@ayu/").content.decode()


@pytest.mark.usefixtures("_cached")
def test_it_keeps_languages_and_pieces_apart(ayu: User) -> None:
    whole = Client().get("/explore/").content
    other = Client().get("/explore/", headers={"Accept-Language": "id"}).content
    piece = Client().get("/explore/", headers={"HX-Request": "true"}).content
    assert len({whole, other, piece}) == 3
    assert b'lang="id"' in Client().get("/explore/", headers={"Accept-Language": "id"}).content
    assert b"<html" not in Client().get("/explore/", headers={"HX-Request": "true"}).content


@pytest.mark.usefixtures("_cached")
def test_it_shows_nothing_of_one_to_another(ayu: User) -> None:
    """Neither to an account what visitors see, nor the other way round."""
    visitors = Client().get("/explore/").content
    assert browser_of(ayu).get("/explore/").content != visitors
    assert Client().get("/explore/").content != browser_of(ayu).get("/explore/").content


@pytest.mark.usefixtures("_cached", "ayu")
@pytest.mark.parametrize("cookie", ["parley_session", "messages"])
def test_it_keeps_nothing_of_who_has_just_left(cookie: str, own_redis: redis.Redis) -> None:
    """What a log-in has left behind may be told on the page."""
    visitor = Client()
    visitor.cookies[cookie] = "x"
    assert visitor.get("/explore/").status_code == 200
    assert own_redis.keys("*visitor_page*") == []


@pytest.mark.usefixtures("_cached", "ayu")
def test_it_keeps_no_page_with_a_form_s_token(own_redis: redis.Redis) -> None:
    assert Client().get("/account/login/").status_code == 200
    assert Client().get("/@nobody/").status_code == 404
    assert own_redis.keys("*visitor_page*") == []


@pytest.mark.usefixtures("_cached", "ayu")
def test_it_shows_pages_while_nothing_can_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_names: object) -> bool:
        raise redis.ConnectionError

    monkeypatch.setattr(rate_limits, "hit", away)
    assert statuses("/explore/", 1) == [200]
