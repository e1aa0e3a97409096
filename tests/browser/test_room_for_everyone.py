"""The room for people who use it otherwise: by keyboard alone, by screen reader, on a narrow
screen, by night.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults_of
from tests.browser.keyboard import focused, tabs_to
from tests.browser.town import Town
from tests.browser.voices import RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_room_is_opened_run_and_left_by_keyboard_alone(town: Town) -> None:
    host, guest = town.person(RED), town.person()
    keys = host.page.keyboard
    host.opens("/spaces/new/")
    host.page.locator("[name=title]").focus()
    keys.type("Without a mouse")
    host.page.get_by_role(
        "button", name=re.compile("green room|Open|Next|Start", re.I)
    ).first.focus()
    keys.press("Enter")
    host.page.wait_for_url(re.compile(r"/spaces/\w{12}/$"))
    host.room_url = host.page.url
    start = host.page.get_by_role("button", name="Start your Space")
    expect(start).to_be_enabled()  # Once the line is open; before that it takes no focus.
    start.focus()
    keys.press("Enter")
    host.is_live()
    keys.press("m")
    host.until(lambda: host.seat_of(host)["mic"], "M opens the microphone")

    guest.opens(host.room_url)
    tabs_to(guest, "listen")
    guest.page.keyboard.press("Enter")
    guest.hears(RED)
    guest.page.keyboard.press("r")
    expect(guest.page.locator("[data-room=ask-sheet]")).to_be_visible()
    assert focused(guest) == "reason"
    guest.page.keyboard.type("One thing")
    guest.page.keyboard.press("Enter")
    guest.until(lambda: guest.state()["me"]["request"], "in line")

    tabs_to(host, "tab-requests")
    keys.press("Enter")
    tabs_to(host, "approve")
    keys.press("Space")
    guest.is_on_stage()
    guest.page.keyboard.press("e")
    guest.page.keyboard.press("3")
    host.gets_reaction(guest, "✊")
    keys.press("?")
    expect(host.page.locator("[data-room=keys-sheet]")).to_be_visible()
    keys.press("Escape")
    expect(host.page.locator("[data-room=keys-sheet]")).to_have_count(0)
    keys.press("Shift+L")
    sheet = host.page.locator("[data-room=leave-sheet]")
    expect(sheet).to_be_visible()
    assert host.ask("() => document.activeElement.closest('dialog') !== null"), (
        "the focus is in the sheet"
    )
    sheet.locator("[data-room=end]").focus()
    keys.press("Enter")
    guest.sees_the_end()


def test_a_face_says_who_it_is_what_they_are_and_whether_they_can_be_heard(town: Town) -> None:
    host, listener = town.person(), town.person()
    host.is_live_in("Names and roles")
    listener.listens_to(host.room_url)
    face = listener.page.get_by_role("button", name=re.compile(r", Host, muted"))
    expect(face).to_be_visible()
    host.talks()
    expect(
        listener.page.get_by_role("button", name=re.compile(r", Host, microphone on"))
    ).to_be_visible()
    for control in ("Mute", "Turn the camera on", "People", "Share", "Leave"):
        expect(
            host.page.get_by_role("toolbar")
            .get_by_role("button", name=re.compile(control, re.I))
            .first
        ).to_be_visible()


def test_every_state_of_a_host_is_clean(town: Town) -> None:
    host, waiting = town.person(RED), town.person()
    host.opens("/spaces/new/")
    host.names_the_space("Tidy from the start")
    found = faults_of(host)
    host.starts()
    host.talks()
    waiting.listens_to(host.room_url)
    waiting.asks_to_speak("A question about the second part, and a long one, to see how it wraps")
    host.opens_the_panel("requests")
    host.sees_the_queue([waiting])
    found += faults_of(host)
    for opens, name in (("share", "share-sheet"), ("more", "more-sheet"), ("leave", "leave-sheet")):
        host.presses(f"[data-room={opens}]")
        expect(host.page.locator(f"[data-room={name}]")).to_be_visible()
        found += faults_of(host)
        host.page.keyboard.press("Escape")
    host.presses("[data-room=more]")
    host.page.locator("[data-room=settings]").click()
    found += faults_of(host)
    host.page.keyboard.press("Escape")
    assert not found, "\n".join(found)


def test_every_state_of_a_listener_is_clean(town: Town) -> None:
    host, listener, visitor = town.person(RED), town.person(), town.visitor()
    host.is_live_in("Tidy to the end")
    host.talks()
    visitor.opens(host.room_url)
    found = faults_of(visitor)
    listener.listens_to(host.room_url)
    listener.hears(RED)
    found += faults_of(listener)
    listener.menu_on(host, "pin-view")
    listener.opens_the_panel("people")
    found += faults_of(listener)
    host.tab_crashes()
    expect(listener.countdown()).to_be_visible()
    found += faults_of(listener)
    host.opens_a_new_tab()
    host.enters_again()
    host.ends()
    listener.sees_the_end()
    found += faults_of(listener)
    assert not found, "\n".join(found)
