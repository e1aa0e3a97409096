"""Captions and REC by keyboard alone, by screen reader, on a narrow screen, by night."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import ALL_LOOKS, SMALL_PHONE, grave
from tests.browser.chromium import DESKTOP
from tests.browser.keyboard import focused, tabs_to
from tests.browser.people import Person
from tests.browser.reading import lines_of, speaking
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SHEET = "[data-room=consent-sheet]"


def faults_and_pictures(person: Person, name: str, folder: Path, shown: Locator) -> list[str]:
    """Return what is wrong with what is shown, in every look; a picture of each is in `folder`."""
    found = []
    for colours, (width, height) in ALL_LOOKS:
        person.page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
        person.page.set_viewport_size({"width": width, "height": height})
        person.settles()
        where = f"{name} {colours} {width}px"
        person.page.screenshot(path=folder / f"{where.replace(' ', '-')}.png")
        found += [f"{where} {fault}" for fault in grave(person.page)]
        if person.ask("() => document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{where} scrolls sideways")
        if not shown.is_visible():
            found.append(f"{where} does not show it")
    person.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    return found


def has_the_focus_inside(person: Person, dialog: str) -> bool:
    return bool(person.ask(f"() => document.activeElement.closest({dialog!r}) !== null"))


def shows_the_names(reader: Person) -> None:
    """On the smallest phone the newest words still have their name in sight."""
    reader.page.set_viewport_size({"width": SMALL_PHONE[0], "height": SMALL_PHONE[1]})
    whole = """() => {
      const box = document.querySelector("[data-room=caption-lines]").getBoundingClientRect();
      const name = [...document.querySelectorAll(".captions__who")].at(-1)?.getBoundingClientRect();
      return Boolean(name) && name.top >= box.top - 1 && name.bottom <= box.bottom + 1;
    }"""
    spoken = "() => document.querySelector('.captions__line:last-child')?.textContent.split(' ').length >= 6"
    reader.until(lambda: reader.ask(spoken), "a long line")
    assert reader.ask(whole), "The name is cut off."
    reader.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})


def test_consent_is_asked_of_everybody_readably_and_answered_by_keyboard(
    town: Town, tmp_path: Path
) -> None:
    host, guest, invited, listener = (town.person() for _ in range(4))
    host.is_live_in("On the record")
    for person in (guest, invited, listener):
        person.listens_to(host.room_url)
    guest.asks_to_speak()
    host.approves(guest)
    guest.is_on_stage()
    host.records()

    sheet = guest.page.locator(SHEET)
    expect(sheet).to_be_visible()
    assert has_the_focus_inside(guest, SHEET)
    found = faults_and_pictures(guest, "consent", tmp_path, sheet)
    tabs_to(guest, "consent-give")
    guest.page.keyboard.press("Enter")
    guest.until(lambda: (guest.state()["me"]["consent"] or {}).get("given"), "the yes is known")
    expect(sheet).to_have_count(0)
    assert guest.role() == "speaker"

    host.invites(invited)
    tabs_to(invited, "invite-accept")
    invited.page.keyboard.press("Enter")
    way_up = invited.page.locator(SHEET)
    expect(way_up).to_be_visible()
    assert has_the_focus_inside(invited, SHEET)
    invited.page.keyboard.press("Escape")
    expect(way_up).to_have_count(0)
    assert invited.role() == "listener", "Who closes the question has not said yes."
    tabs_to(invited, "invite-accept")
    invited.page.keyboard.press("Enter")
    tabs_to(invited, "consent-give")
    invited.page.keyboard.press("Enter")
    invited.is_on_stage()

    for person, name in ((listener, "rec-listener"), (host, "rec-host")):
        sign = person.page.locator(".badge--rec:visible").first
        expect(sign).to_have_text("REC")
        found += faults_and_pictures(person, name, tmp_path, sign)
    assert not found, "\n".join(found)


def test_captions_are_read_and_set_by_keyboard(town: Town, tmp_path: Path) -> None:
    host, reader = town.person(speaking("slt-sunday", (200, 30, 30))), town.person()
    host.is_live_in("In large letters")
    reader.listens_to(host.room_url)
    strip = reader.page.locator("section.captions")
    host.talks()
    reader.until(lambda: lines_of(reader, host), "a line", 60)
    expect(reader.page.locator(".captions__line").first).to_be_visible()
    assert reader.ask(
        "() => document.querySelector('section.captions').closest('[aria-live]') === null"
    )
    found = faults_and_pictures(reader, "captions", tmp_path, strip)
    shows_the_names(reader)

    tabs_to(reader, "captions-look")
    reader.page.keyboard.press("Enter")
    sheet = reader.page.locator("[data-room=captions-sheet]")
    expect(sheet).to_be_visible()
    assert has_the_focus_inside(reader, "[data-room=captions-sheet]")
    tabs_to(reader, "captions-normal")
    reader.page.keyboard.press("ArrowRight")
    expect(strip).to_have_attribute("data-size", "large")
    shows_the_names(reader)
    reader.page.keyboard.press("Tab")
    assert focused(reader) == "captions-dusk"
    reader.page.keyboard.press("ArrowRight")
    expect(strip).to_have_attribute("data-ground", "solid")
    found += faults_and_pictures(reader, "captions-sheet", tmp_path, sheet)
    reader.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert focused(reader) == "captions-look", "The focus goes back to where it was."
    found += faults_and_pictures(reader, "captions-solid", tmp_path, strip)
    reader.page.keyboard.press("Enter")
    tabs_to(reader, "captions-solid")
    reader.page.keyboard.press("ArrowRight")
    expect(strip).to_have_attribute("data-ground", "clear")
    reader.page.keyboard.press("Escape")
    found += faults_and_pictures(reader, "captions-clear", tmp_path, strip)

    tabs_to(reader, "read-back")
    reader.page.keyboard.press("Enter")
    words = reader.page.locator("[data-room=transcript] p").first
    expect(words).to_be_visible()
    found += faults_and_pictures(reader, "transcript", tmp_path, strip)
    assert not found, "\n".join(found)
    reader.page.keyboard.press("Escape")
    reader.page.keyboard.press("c")
    expect(strip).to_be_hidden()
    reader.page.keyboard.press("c")
    expect(strip).to_be_visible()
