"""Every page of people and posts, as everybody: it answers, it is whole, and its policy fits what
it holds.
"""

import re
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.accounts.people import browser_of
from tests.html import folded

PUBLIC = [
    "/",
    "/explore/",
    "/search/?q=river",
    "/tags/river/",
    "/@maya/",
    "/@maya/replies/",
    "/@maya/likes/",
]
PUBLIC += ["/@maya/followers/", "/@maya/following/", "/nothing/here/"]
ENTRANCE = ["/account/login/", "/account/signup/", "/account/password/reset/"]
OWN = [
    "/bookmarks/",
    "/alerts/",
    "/alerts/requests/",
    "/settings/",
    "/settings/profile/",
    "/settings/hidden/",
]
OWN += [
    "/posts/compose/",
    "/account/password/change/",
    "/account/email/",
    "/account/2fa/",
    "/account/sessions/",
]
OWN += ["/account/logout/", "/account/2fa/webauthn/", "/account/reauthenticate/"]


class Page(HTMLParser):
    """Collects what can be said of a page without a browser."""

    VOID = frozenset({"meta", "link", "img", "input", "br", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.open: list[str] = []
        self.trouble: list[str] = []
        self.headings = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if "id" in named:
            self.ids.append(named["id"] or "")
        if any(name == "style" or name.startswith("on") for name in named):
            self.trouble.append(f"<{tag}> has an inline style or handler")
        if tag == "img" and "alt" not in named:
            self.trouble.append("a picture has no alt")
        if tag == "h1":
            self.headings += 1
        if tag not in self.VOID and not self._is_drawing():
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only drawings close themselves; they nest nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID or (self._is_drawing() and tag != "svg"):
            return
        if not self.open or self.open.pop() != tag:
            self.trouble.append(f"</{tag}> closes nothing")

    def _is_drawing(self) -> bool:
        return "svg" in self.open


def check(html: str) -> None:
    page = Page(html)
    assert page.trouble == []
    assert page.open == []
    assert page.headings == 1
    assert len(page.ids) == len(set(page.ids)), [one for one in page.ids if page.ids.count(one) > 1]


@pytest.mark.parametrize("path", [*PUBLIC, *ENTRANCE])
def test_it_shows_visitors_a_whole_page(town: dict[str, User], path: str) -> None:
    answer = browser_of(None).get(path)
    assert answer.status_code == (404 if "nothing" in path else 200)
    check(answer.content.decode())


@pytest.mark.parametrize("path", [*PUBLIC, *OWN])
@pytest.mark.parametrize("handle", ["maya", "noor"])
def test_it_shows_people_a_whole_page(town: dict[str, User], path: str, handle: str) -> None:
    answer = browser_of(town[handle]).get(path, follow=True)
    assert answer.status_code == (404 if "nothing" in path else 200)
    check(answer.content.decode())


def test_it_shows_a_thread_as_a_whole_page(town: dict[str, User]) -> None:
    for post in town["maya"].posts.all():
        check(browser_of(town["budi"]).get(post.get_absolute_url()).content.decode())


@pytest.mark.parametrize("path", [*OWN])
def test_it_sends_visitors_to_the_log_in(town: dict[str, User], path: str) -> None:
    answer = browser_of(None).get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_it_marks_the_page_one_is_on(town: dict[str, User]) -> None:
    for path, label in [
        ("/", "Home"),
        ("/explore/", "Explore"),
        ("/alerts/", "Alerts"),
        ("/@maya/", "You"),
    ]:
        html = folded(browser_of(town["maya"]).get(path))
        current = re.search(
            r'<a class="nav__link"[^>]*aria-current="page".*?nav__label">([^<]+)', html, re.S
        )
        assert current
        assert current[1] == label


def test_it_forbids_everything_that_is_not_ours(town: dict[str, User]) -> None:
    policy = browser_of(None).get("/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path",
    ["/posts/" + "9" * 30 + "/", "/@" + "x" * 300 + "/", "/tags/" + "%F0%9F%AB%96/", "/@%00/"],
)
def test_it_answers_odd_addresses_with_a_page(town: dict[str, User], path: str) -> None:
    answer = browser_of(None).get(path)
    assert answer.status_code in {200, 404}
    check(answer.content.decode())


def test_it_says_the_form_was_open_too_long(town: dict[str, User]) -> None:
    forger = Client(enforce_csrf_checks=True)
    answer = forger.post("/account/login/", {"login": "maya", "password": "x"})
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


@pytest.mark.parametrize("name", ["500.html", "400.html"])
def test_it_draws_the_pages_of_last_resort_without_request_and_database(
    db: None, name: str
) -> None:
    with CaptureQueriesContext(connection) as queries:
        html = get_template(name).render()
    assert len(queries) == 0
    check(html)
