import re

import pytest

from accounts.extension_points.kinds import LinkCard, LinkCards
from accounts.models import User
from posts import link_cards
from tests.accounts.declared import declare, kind

PATTERN = re.compile(r"/things/(\d+)/")
calls: list[list[str]] = []


def resolve_things(keys: list[str], viewer: User | None) -> dict[str, LinkCard]:
    calls.append(keys)
    return {key: LinkCard("thing.html", {"key": key}) for key in keys if key != "13"}


@pytest.fixture(autouse=True)
def things(monkeypatch: pytest.MonkeyPatch) -> None:
    calls.clear()
    declare(monkeypatch, kinds=(kind("thing", link_cards=LinkCards(PATTERN, resolve_things)),))


def test_it_asks_once_for_all_links_of_a_page() -> None:
    urls = [f"http://testserver/things/{number}/" for number in (1, 2, 2, 3)]
    found = link_cards.resolve(
        [*urls, "http://testserver/other/", "https://example.org/things/9/"], None
    )
    assert calls == [["1", "2", "3"]]
    assert set(found) == set(urls)


def test_it_has_no_card_for_what_the_viewer_may_not_see() -> None:
    assert link_cards.resolve(["http://testserver/things/13/"], None) == {}


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://testserver/things/1/", True),
        ("https://TESTSERVER:8443/things/1/", True),
        ("http://testserver.example.org/things/1/", False),
        ("http://testserver@example.org/things/1/", False),
        ("/things/1/", False),
        ("", False),
    ],
)
def test_it_knows_its_own_addresses(url: str, ours: bool) -> None:
    assert link_cards.is_ours(url) == ours


def test_it_does_not_take_every_site_for_its_own_with_a_wildcard(settings: object) -> None:
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]  # pytest-django's wrapper.
    assert not link_cards.is_ours("https://example.org/things/1/")


@pytest.mark.parametrize(
    "url", ["http://[/things/1/", "http://testserver/things/1/more/", "http://testserver/things//"]
)
def test_it_leaves_odd_addresses_alone(url: str) -> None:
    assert link_cards.resolve([url], None) == {}
    assert calls == []
