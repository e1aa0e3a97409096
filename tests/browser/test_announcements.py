"""What a screen reader hears of a room, counted; notices on a phone; keys of other layouts."""

import itertools
import re

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PHONE
from tests.browser.people import Person
from tests.browser.test_fleets import puts_up
from tests.browser.test_messages import know_each_other
from tests.browser.town import Town
from tests.browser.voices import RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
LISTEN = """
() => {
  const said = (window.said = []);
  const region = document.getElementById("announcer");
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.textContent) said.push(node.textContent);
  }).observe(region, { childList: true, characterData: true, subtree: true });
}
"""
FAIL = """
([kind, name]) => {
  const devices = navigator.mediaDevices;
  window.realMedia ??= devices.getUserMedia.bind(devices);
  devices.getUserMedia = (wanted) =>
    name && wanted[kind]
      ? Promise.reject(new DOMException("As the test wants it.", name))
      : window.realMedia(wanted);
}
"""
HAS_SAID = "([text, times]) => window.said.filter((one) => one === text).length === times"
COVERED = """
(parts) => {
  const box = (element) => element.getBoundingClientRect();
  const meet = (a, b) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const below = [...document.querySelectorAll(parts)].filter((one) => one.offsetParent);
  return [...document.querySelectorAll("#toasts .toast")].flatMap((toast) =>
    below.filter((one) => meet(box(toast), box(one))).map((one) => one.className));
}
"""
IN_ROOM = ".stage__frame, .tile__face, .captions, .controls, .room__head button"
SAY = """
(text) => document.body.dispatchEvent(
  new CustomEvent("toast", { bubbles: true, detail: { text } }))
"""
LONG = "Your browser keeps the microphone closed. Allow it with the sign beside the address %d."


def listens_closely(person: Person) -> None:
    person.ask(LISTEN)


def hears(person: Person, *sentences: str) -> None:
    """These came, in this order, whatever came between."""

    def are_heard() -> bool:
        said = iter(person.ask("() => window.said"))
        return all(sentence in said for sentence in sentences)

    person.until(are_heard, f"{sentences} to be said")


def presses_key(person: Person, key: str, code: str) -> None:
    """A key of a layout that the machine of the test does not have."""
    person.ask(
        "([key, code]) => (document.activeElement ?? document.body).dispatchEvent("
        "new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }))",
        [key, code],
    )


def test_every_change_of_a_room_is_said_also_in_the_same_words(town: Town) -> None:
    host, speaker, listener = town.person(RED), town.person(), town.person()
    host.is_live_in("Heard, not seen")
    listener.listens_to(host.room_url)
    listens_closely(host)
    listens_closely(listener)
    for is_on in ("on", "off", "on"):
        host.page.keyboard.press("m")
        expect(host.tile_of(host)).to_have_attribute("data-mic", is_on)
    hears(host, "Your microphone is on", "You are muted", "Your microphone is on")
    speaker.listens_to(host.room_url)
    speaker.asks_to_speak()
    host.sees_in_line(speaker)
    name = str(host.state()["requests"][0]["user"]["name"])
    short = name if len(name) <= 9 else name.split()[0]
    hears(host, f"{short} asks to speak")
    host.declines(speaker)
    host.invites(speaker)
    listens_closely(speaker)
    speaker.accepts_the_invitation()
    for person in (host, listener):
        hears(person, f"{short} is on stage.")
    hears(speaker, "You are on stage. Tap to talk when you are ready.")
    speaker.talks()
    host.menu_on(speaker, "mute")
    hears(speaker, "You were muted. Tap the microphone when you want to talk again.")
    host.records()
    hears(listener, "This Space is being recorded")
    host.menu_on(listener, "invite-speaker")
    listener.until(
        lambda: listener.ask("() => window.said.some((one) => / invites you to speak/.test(one))"),
        "the invitation to be said",
    )


def test_eight_equal_summaries_are_eight(town: Town) -> None:
    host, fan = town.person(), town.person()
    host.is_live_in("Clap, clap")
    fan.listens_to(host.room_url)
    listens_closely(host)
    fan.page.locator("body").click(position={"x": 700, "y": 5})
    for number in range(1, 9):
        fan.reacts("👏")
        host.page.wait_for_function(HAS_SAID, arg=["Reactions: 1 👏", number])


def test_a_device_that_fails_has_one_notice_that_goes_when_it_works(town: Town) -> None:
    host = town.person(RED, size=PHONE)
    host.is_live_in("No, no, no")
    notices = host.page.locator("#toasts .toast")
    kinds = {"audio": "[data-room=mic]", "video": "[data-room=camera]"}
    names = ("NotAllowedError", "NotFoundError", "NotReadableError")
    words = {"NotAllowedError": "keeps", "NotFoundError": "was found", "NotReadableError": "using"}
    for name, kind in itertools.product(names, kinds):
        host.ask(FAIL, [kind, name])
        host.presses(kinds[kind])
        device = "microphone" if kind == "audio" else "camera"
        notice = notices.filter(has_text=re.compile(device)).filter(has_text=words[name])
        expect(notice).to_have_count(1)
        expect(notices.filter(has_text=re.compile(device))).to_have_count(1)
        assert notices.count() <= 2
        assert host.ask(COVERED, IN_ROOM) == []
    host.ask(FAIL, ["audio", ""])
    host.talks()
    expect(notices).to_have_count(1)
    host.page.keyboard.press("Escape")
    expect(notices).to_have_count(0)


def test_there_are_three_notices_at_most_and_the_keyboard_closes_them(town: Town) -> None:
    reader = town.person(size=PHONE)
    reader.opens("/")
    notices = reader.page.locator("#toasts .toast")
    for text in ("One", "Two", "Three", "Four", "Four"):
        reader.ask(SAY, text)
    expect(notices).to_have_text(["Two", "Three", "Four"])
    notices.nth(1).get_by_role("button", name="Close").focus()
    reader.page.keyboard.press("Enter")
    expect(notices).to_have_text(["Two", "Four"])
    expect(notices.nth(1).get_by_role("button", name="Close")).to_be_focused()
    reader.page.keyboard.press("Escape")
    reader.page.keyboard.press("Escape")
    expect(notices).to_have_count(0)


@pytest.mark.parametrize("size", [PHONE, (360, 640), (740, 360)])
def test_three_notices_leave_a_room_on_a_phone_free(town: Town, size: tuple[int, int]) -> None:
    host = town.person(RED, size=size)
    host.is_live_in("Nothing on faces")
    host.shows_camera()
    for number in range(3):
        host.ask(SAY, LONG % number)
    expect(host.page.locator("#toasts .toast")).to_have_count(3)
    assert host.ask(COVERED, IN_ROOM) == []
    controls = host.page.locator("[data-room=controls]").bounding_box()
    assert controls is not None
    assert controls["y"] + controls["height"] <= size[1] + 1, "the controls are still on the screen"


def test_notices_leave_a_fleet_and_a_conversation_on_a_phone_free(town: Town) -> None:
    author, reader = town.person(), town.person(size=PHONE)
    puts_up(author, "Under no notice")
    know_each_other(reader, author)
    reader.ask(SAY, LONG % 1)
    assert reader.ask(COVERED, "[data-chat] textarea, [data-chat] button, .chat__head a") == []
    reader.opens(f"/@{author.handle}/")
    reader.page.get_by_role("link", name=re.compile("New Fleet by")).first.click()
    expect(reader.page.locator("[data-slide]").first).to_be_visible()
    reader.ask(SAY, LONG % 2)
    assert reader.ask(COVERED, "main.fleet :is(button, input, textarea):not([data-step])") == []


def test_what_is_said_of_the_line_goes_when_the_line_is_back(town: Town) -> None:
    reader = town.person(size=PHONE)
    reader.opens("/")
    notice = reader.page.locator("#toasts .toast").filter(has_text="You are offline")
    reader.page.context.set_offline(True)
    for place in ("Spaces", "Explore"):
        reader.page.locator("#nav").get_by_role("link", name=place, exact=True).click()
        expect(notice).to_have_count(1)
    reader.page.context.set_offline(False)
    reader.goes_to("Spaces")
    expect(notice).to_have_count(0)


def test_the_keys_work_on_a_cyrillic_layout(town: Town) -> None:
    host, guest = town.person(RED), town.person()
    host.is_live_in("Ь means M")
    presses_key(host, "ь", "KeyM")
    host.until(lambda: host.seat_of(host)["mic"], "ь opens the microphone")
    presses_key(host, "м", "KeyV")
    host.until(lambda: host.seat_of(host)["camera"], "м opens the camera")
    guest.listens_to(host.room_url)
    presses_key(guest, "к", "KeyR")
    expect(guest.page.locator("[data-room=ask-sheet]")).to_be_visible()
    guest.page.keyboard.press("Escape")
    expect(guest.page.locator("[data-room=ask-sheet]")).to_have_count(0)
    panel = guest.page.locator("[data-room=panel]")
    was_open = panel.is_visible()
    presses_key(guest, "з", "KeyP")
    expect(panel).to_be_visible(visible=not was_open)


def test_r_three_times_is_one_request_and_no_text(town: Town) -> None:
    host, guest = town.person(), town.person()
    host.is_live_in("R, r, r")
    guest.listens_to(host.room_url)
    guest.page.keyboard.type("rrr", delay=120)
    reason = guest.page.locator("[data-room=reason]")
    expect(reason).to_be_focused()
    expect(reason).to_have_value("")
    guest.page.keyboard.type("One river", delay=20)
    expect(reason).to_have_value("One river")
    guest.page.keyboard.press("Enter")
    guest.until(lambda: guest.state()["me"]["request"], "in line")


def test_a_slash_three_times_opens_an_empty_search(town: Town) -> None:
    reader = town.person()
    reader.opens("/explore/")
    field = reader.page.locator("[data-search]:visible").first
    reader.page.keyboard.type("///", delay=100)
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    reader.page.keyboard.type("and/or", delay=20)
    expect(field).to_have_value("and/or")
