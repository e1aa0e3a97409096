"""Who sits at the home page sees a Space within ten seconds of its start, and sees it go (RULES
§9).
"""

import time

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.chromium import PHONE
from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
MOST_S = 10.0
SIDE, SHELF = "#aside [data-room=live-now]", ".shelf"


def shown_after(person: Person, row: Locator, since: float, *, gone: bool = False) -> float:
    """Return how long it took until the row was on the screen, or off it."""
    what = "the room is gone" if gone else "the room is shown"
    person.until(lambda: row.is_visible() != gone, what, MOST_S + since - time.monotonic())
    return time.monotonic() - since


def follow(person: Person, other: Person) -> None:
    person.opens(f"/@{other.handle}/")
    person.page.locator(".profile__buttons .follow button").click()
    expect(person.page.locator(".profile__buttons .follow")).to_contain_text("Following")


def test_a_space_is_on_an_open_home_page_ten_seconds_after_its_start_and_off_it_after_its_end(
    town: Town,
) -> None:
    host, at_a_desk, on_a_phone, stranger = (
        town.person(),
        town.person(),
        town.person(size=PHONE),
        town.person(),
    )
    for follower in (at_a_desk, on_a_phone):
        follow(follower, host)
    places = {at_a_desk: SIDE, on_a_phone: SHELF, stranger: SIDE}
    for person in places:
        person.opens("/")
        person.ask("() => (window.sameDocument = true)")
    host.opens("/spaces/new/")
    host.names_the_space("Seen from the sofa")
    rows = {
        person: person.page.locator(place).get_by_role("link", name="Seen from the sofa")
        for person, place in places.items()
    }
    assert not any(row.count() for row in rows.values()), "Nobody sees the green room."

    host.page.get_by_role("button", name="Start your Space").click()
    started_at = time.monotonic()
    for person, row in rows.items():
        assert shown_after(person, row, started_at) <= MOST_S
    host.is_live()
    host.ends()
    ended_at = time.monotonic()
    for person, row in rows.items():
        assert shown_after(person, row, ended_at, gone=True) <= MOST_S
    assert all(person.ask("() => window.sameDocument") for person in rows), (
        "The pages stayed open all the while."
    )


def test_a_page_asked_for_in_a_card_that_is_drawn_anew_meanwhile_has_its_address(
    town: Town,
) -> None:
    host, guest = town.person(), town.person()
    follow(guest, host)
    host.opens("/spaces/new/")
    host.names_the_space("Held at the door")
    host.page.get_by_role("button", name="Start your Space").click()
    host.is_live()
    guest.opens("/")
    row = guest.page.locator(SIDE).get_by_role("link", name="Held at the door")
    expect(row).to_be_visible(timeout=MOST_S * 1000)
    address = row.get_attribute("href")
    assert address
    held: list[Route] = []

    def hold(route: Route) -> None:  # Playwright takes no built-in method.
        held.append(route)

    guest.page.route(f"**{address}", hold)
    link = row.element_handle()
    row.click()
    guest.until(lambda: held, "the page that was asked for")
    guest.until(
        lambda: not link.evaluate("(link) => link.isConnected"), "the card drawn anew", MOST_S * 2
    )
    held[0].continue_()
    guest.page.wait_for_url(f"**{address}")
    expect(guest.page.locator("#loadbar")).to_be_hidden()
    host.ends()
