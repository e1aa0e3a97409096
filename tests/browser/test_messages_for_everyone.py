"""Messages for those who use them otherwise, and on a small phone: every page in every look, menus
that stay on it.
"""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import ALL_LOOKS, SMALL_PHONE, faults_of
from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

INSIDE = """(menu) => {
  const box = menu.getBoundingClientRect();
  const log = document.querySelector("[data-log]").getBoundingClientRect();
  return box.left >= 0 && box.right <= innerWidth && box.top >= log.top - 1 && box.bottom <= log.bottom + 1;
}"""


def reader_of(town: Town) -> Person:
    reader = town.person()
    town.site.shell(f"from tests.browser import letters; letters.plant({reader.handle!r})")
    return reader


def conversation_with(reader: Person, name: str) -> str:
    reader.opens("/messages/")
    reader.page.locator(".thread", has_text=name).first.click()
    reader.page.wait_for_url(re.compile(r"/messages/\d+/$"))
    return reader.path()


def test_every_page_of_the_messages_is_clean(town: Town) -> None:
    reader = reader_of(town)
    troubles = reader.notes_troubles()
    friend, group = (
        conversation_with(reader, "Friendly River"),
        conversation_with(reader, "River crew"),
    )
    found = []
    for path in (
        "/messages/",
        friend,
        group,
        f"{group}people/",
        "/messages/requests/",
        "/messages/search/?q=river",
    ):
        assert reader.opens(path) == 200, path
        found += faults_of(reader, ALL_LOOKS)
    assert not found + troubles, "\n".join(found + troubles)


def test_a_conversation_that_is_opened_while_the_list_is_renewed_has_its_address(
    town: Town,
) -> None:
    reader = reader_of(town)
    reader.opens("/messages/")
    held: list[Route] = []

    def hold(route: Route) -> None:  # Playwright takes no built-in method.
        held.append(route)

    reader.page.route(re.compile(r"/messages/\d+/$"), hold)
    link = reader.page.locator(".thread", has_text="River crew").first
    link.click()
    reader.until(lambda: held, "the page that was asked for")
    with reader.page.expect_response(
        lambda answer: "here=" in answer.url or "/messages/" in answer.url
    ):
        reader.ask("() => document.dispatchEvent(new CustomEvent('live:again'))")
    held[0].continue_()
    reader.page.wait_for_url(re.compile(r"/messages/\d+/$"))
    expect(reader.page.locator("#loadbar")).to_be_hidden()


def test_the_menu_of_a_message_stays_on_a_small_screen(town: Town) -> None:
    reader = reader_of(town)
    reader.page.set_viewport_size({"width": SMALL_PHONE[0], "height": SMALL_PHONE[1]})
    conversation_with(reader, "Friendly River")
    assert menus_stay_inside(reader) > 8
    reader.opens("/messages/requests/")
    reader.page.locator(".thread", has_text="Strange River").first.click()
    expect(reader.page.locator(".letter__more")).to_have_count(1)
    assert menus_stay_inside(reader) == 1


def menus_stay_inside(reader: Person) -> int:
    """Open the menu of every message; return how many there are."""
    menus = reader.page.locator(".letter__more")
    count = menus.count()
    for place in range(count):
        more = menus.nth(place)
        more.scroll_into_view_if_needed()
        more.locator("summary").click()
        menu = more.locator(".menu")
        expect(menu).to_be_visible()
        reader.page.wait_for_function(INSIDE, arg=menu.element_handle())
        reader.page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
    return count


def test_a_search_leads_to_the_message_in_the_middle_of_the_screen(town: Town) -> None:
    reader = reader_of(town)
    reader.opens("/messages/")
    reader.page.locator("main input[type=search]").fill("line 0")
    reader.page.keyboard.press("Enter")
    reader.page.locator(".thread", has_text="Line 0").click()
    sought = reader.page.locator(".letter--found")
    expect(sought).to_contain_text("Line 0")
    expect(sought).to_be_in_viewport()
