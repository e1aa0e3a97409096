"""Where the browser holds the sound back until it is asked for: "Tap to hear" (RULES §7), and one
tap is enough.

Chromium's own policy refuses here, as it refuses people: a page that begins to play by itself and
was never touched.
"""

import pytest

from tests.browser.keyboard import tabs_to
from tests.browser.people import Person
from tests.browser.town import Town
from tests.browser.untouched import Untouched
from tests.browser.voices import RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TAP = "[data-room=tap-to-hear]"
CONNECTED = "() => window.parley?.room?.pageState.media === 'connected'"


def is_refused(look: Untouched) -> None:
    """The room is there and connected; its sound waits for the person, and the page says so."""
    look.until(lambda: look.ask(CONNECTED), "the media connection")
    look.until(lambda: look.shows(TAP), "Tap to hear")
    said = look.ask("() => document.querySelector('[data-room=sound-held]').textContent")
    assert "holds the sound back" in said, "Who cannot see the button is told of it."
    assert look.is_silent()
    assert look.was_never_touched(), "The test itself has unlocked the sound."


def hears_after_the_tap(person: Person, look: Untouched) -> None:
    look.until(lambda: not look.shows(TAP), "the offer is gone")
    person.hears(RED)


def opens_untouched(person: Person, url: str) -> Untouched:
    """Type the address into a new tab."""
    person.opens_a_new_tab()
    look = Untouched(person.page)
    person.opens(url)
    return look


@pytest.fixture
def room(town: Town) -> tuple[Person, Person]:
    """Somebody who talks, and a listener who hears it."""
    host, listener = town.person(RED), town.person()
    host.is_live_in("Held back")
    host.talks()
    listener.listens_to(host.room_url)
    listener.hears(RED)
    return host, listener


def test_a_speaker_who_opens_the_room_in_a_new_tab_taps_and_hears(
    room: tuple[Person, Person],
) -> None:
    """People on stage enter by the address alone: the page knows their seat."""
    host, guest = room
    guest.asks_to_speak()
    host.approves(guest)
    guest.is_on_stage()
    look = opens_untouched(guest, host.room_url)
    is_refused(look)
    look.clicks(TAP)
    hears_after_the_tap(guest, look)


def test_a_listener_whose_tab_is_restored_hears_by_one_key(room: tuple[Person, Person]) -> None:
    """A tab that the browser restores knows what it knew, that it was listening, but not the click
    that began it.
    """
    host, listener = room
    known, first = (
        listener.ask("() => JSON.stringify({...sessionStorage})"),
        listener.keeps_the_tab(),
    )
    listener.opens_a_new_tab()
    listener.page.add_init_script(f"Object.assign(sessionStorage, {known})")
    look = Untouched(listener.page)
    listener.opens(host.room_url)
    is_refused(look)
    first.until(
        lambda: 4408 in first.ask("() => instruments.closedWith()"), "the first tab is silent"
    )
    tabs_to(look, "tap-to-hear")
    assert look.is_silent(), "Only the button starts the sound."
    listener.page.keyboard.press("Enter")
    hears_after_the_tap(listener, look)


def test_a_listener_who_reloads_is_in_again_and_taps(room: tuple[Person, Person]) -> None:
    """The reloaded page comes in by itself; whether it may play at once the browser says, and here
    it may not.
    """
    _, listener = room
    look = Untouched(listener.page)
    listener.page.reload()
    is_refused(look)
    look.clicks(TAP)
    hears_after_the_tap(listener, look)


def test_the_dock_of_a_page_without_sound_offers_it_too(room: tuple[Person, Person]) -> None:
    host, guest = room
    guest.asks_to_speak()
    host.approves(guest)
    guest.is_on_stage()
    look = opens_untouched(guest, host.room_url)
    is_refused(look)
    look.clicks("[data-room=minimise]")
    look.until(lambda: look.shows("[data-room=dock]"), "the dock")
    assert look.is_silent()
    says = "() => document.querySelector('[data-room=dock-who]').textContent"
    look.until(lambda: "Tap the speaker to hear" in look.ask(says), "the offer")
    look.clicks("[data-room=dock-sound]")
    guest.hears(RED)


def test_who_leaves_does_not_come_back_by_a_reload(room: tuple[Person, Person]) -> None:
    host, listener = room
    listener.presses("[data-room=leave]")
    listener.until(lambda: listener.open_connections() == 0, "out")
    listener.opens(host.room_url)
    listener.until(lambda: listener.shown("[data-room=listen]").count(), "the button to listen")
    assert listener.open_connections() == 0
