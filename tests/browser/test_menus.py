"""The menu of a post in a feed, which comes when it is opened, and the buttons under the post."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def reader_of_a_feed(town: Town) -> Person:
    reader = town.person(handle="alice")
    reader.opens("/")
    return reader


def test_a_menu_is_fetched_once_and_works_by_keyboard(town: Town) -> None:
    reader = reader_of_a_feed(town)
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    more = reader.page.locator("article.post details.more").first
    expect(more.locator("form")).to_have_count(0)
    more.locator("summary").focus()
    reader.page.keyboard.press("Enter")
    expect(more.get_by_role("link", name="Report")).to_be_visible()
    expect(more.get_by_role("link", name="More", exact=True)).to_have_count(0)
    reader.page.keyboard.press("ArrowDown")
    expect(more.get_by_role("button", name="Copy link")).to_be_focused()
    reader.page.keyboard.press("ArrowDown")
    expect(more.get_by_role("link", name="Quote")).to_be_focused()
    reader.page.keyboard.press("Escape")
    expect(more.locator(".menu")).to_be_hidden()
    expect(more.locator("summary")).to_be_focused()
    more.locator("summary").click()
    expect(more.get_by_role("button", name="Block")).to_be_visible()
    assert sum(url.endswith("?menu") for url in asked) == 1


def test_a_menu_that_did_not_come_is_asked_for_again(town: Town) -> None:
    reader = reader_of_a_feed(town)
    more = reader.page.locator("article.post details.more").first
    reader.page.route("**/*?menu", lambda route: route.abort())
    more.locator("summary").click()
    expect(reader.page.locator("#toasts")).to_contain_text("offline")
    reader.page.unroute("**/*?menu")
    more.locator("summary").click()
    more.locator("summary").click()
    expect(more.get_by_role("link", name="Report")).to_be_visible()


def test_a_mark_is_set_and_taken_back_without_a_new_page(town: Town) -> None:
    reader = reader_of_a_feed(town)
    reader.ask("() => { window.isSamePage = true; }")
    mark = reader.page.locator("article.post").first.get_by_role("button", name="Bookmark")
    expect(mark).to_have_attribute("aria-pressed", "false")
    mark.click()
    expect(mark).to_have_attribute("aria-pressed", "true")
    mark.click()
    expect(mark).to_have_attribute("aria-pressed", "false")
    assert reader.ask("() => window.isSamePage")
