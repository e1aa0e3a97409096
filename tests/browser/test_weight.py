"""What pages weigh: requests and bytes on the line, on a first visit and on a second.

Counts, never times. Here static files are asked for again and answered "not modified"; where they
are collected they are named by their contents and not even asked for
(tests/config/http/test_static_storage.py), so only answers with a body count on a second visit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.people import Person
from tests.browser.town import Town
from tests.browser.voices import RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FIRST_REQUESTS, FIRST_BYTES = 25, 180_000
SECOND_REQUESTS = 4
# Before compression, with twenty posts; a poll and five cards of Spaces among them have 9 000.
HOME_HTML_BYTES = 67_000
NOT_MODIFIED = 304


@dataclass
class Line:
    """What went over the line of one page, as the browser counts it."""

    urls_by_id: dict[str, str] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        cdp = page.context.new_cdp_session(page)
        cdp.send("Network.enable")
        # It would answer in the place of the line.
        cdp.send("Network.setBypassServiceWorker", {"bypass": True})
        cdp.on("Network.responseReceived", self._on_answer)
        cdp.on("Network.responseReceivedExtraInfo", self._on_status)
        cdp.on("Network.loadingFinished", self._on_end)

    def _on_answer(self, event: dict[str, Any]) -> None:  # Any: the protocol's JSON.
        answer = event["response"]
        is_kept = answer.get("fromDiskCache") or answer.get("fromPrefetchCache")
        if answer["url"].startswith("http") and not is_kept:
            self.urls_by_id[event["requestId"]] = answer["url"]

    def _on_status(self, event: dict[str, Any]) -> None:
        """The answer itself has the status that the browser gives its copy."""
        if event["statusCode"] == NOT_MODIFIED:
            self.unchanged.add(event["requestId"])

    def _on_end(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = int(event["encodedDataLength"])

    @property
    def urls(self) -> list[str]:
        return list(self.urls_by_id.values())

    @property
    def with_a_body(self) -> list[str]:
        """What came over the line; a picture that a tab still holds in memory has no size."""
        return [
            url
            for one, url in self.urls_by_id.items()
            if one not in self.unchanged and self.sizes.get(one)
        ]

    @property
    def total(self) -> int:
        return sum(self.sizes.get(one, 0) for one in self.urls_by_id)


def visits(page: Page, url: str) -> Line:
    """Open the page in an empty tab and wait until nothing more comes."""
    page.goto("about:blank")
    line = Line()
    line.watch(page)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return line


def a_post(reader: Person) -> str:
    reader.opens("/")
    return reader.page.locator("a.post__when").first.get_attribute("href") or ""


PATHS: dict[str, Callable[[Person], str]] = {
    "home": lambda reader: "/",
    "explore": lambda reader: "/explore/",
    "profile": lambda reader: "/@maya/",
    "post": a_post,
    "spaces": lambda reader: "/spaces/",
}


@pytest.mark.parametrize("name", PATHS)
def test_a_page_is_light(town: Town, name: str) -> None:
    path = PATHS[name](town.person(handle="alice"))
    reader = town.person(handle="alice")
    holds_to_its_weight(reader.page, f"{town.site.url}{path}")


def test_a_room_is_light(town: Town) -> None:
    host = town.person(RED)
    host.opens_a_space("A light one")
    host.starts()
    listener = town.person()
    holds_to_its_weight(listener.page, host.room_url)


def holds_to_its_weight(page: Page, url: str) -> None:
    first = visits(page, url)
    assert len(first.urls) <= FIRST_REQUESTS, "\n".join(first.urls)
    assert first.total <= FIRST_BYTES, first
    again = visits(page, url)
    assert len(again.with_a_body) <= SECOND_REQUESTS, "\n".join(again.with_a_body)


def test_home_of_twenty_posts_is_short(town: Town) -> None:
    reader = town.person(handle="alice")
    html = reader.page.request.get(f"{town.site.url}/").text()
    assert html.count('<article class="post') == 20
    assert len(html.encode()) <= HOME_HTML_BYTES


def test_the_code_of_a_room_comes_before_it_is_opened(town: Town) -> None:
    host = town.person(RED)
    host.opens_a_space("Soon to be heard")
    host.starts()
    reader = town.person()
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.opens("/settings/")
    reader.page.wait_for_load_state("networkidle")
    assert not any("/js/room/main" in url for url in asked)
    reader.opens("/spaces/")
    card = reader.page.locator(".space-card--live", has_text="Soon to be heard")
    card.scroll_into_view_if_needed()
    reader.until(lambda: any("/js/room/main" in url for url in asked), "the room's code")
    asked.clear()
    card.locator(".btn--primary").click()
    reader.page.wait_for_url("**/spaces/*/")
    reader.until(lambda: reader.ask("() => Boolean(window.parley.room)"), "the room")
    assert not any(url.endswith(".js") for url in asked)
