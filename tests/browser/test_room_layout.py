"""The room at every size, and with people's words that run the other way or stack marks without
end.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.town import Town
from tests.browser.voices import RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PHONES = [(360, 740), (360, 640), (320, 568), (390, 844)]
ON_ITS_SIDE = [(740, 360), (640, 360), (844, 390)]
WIDER = [(768, 1024), (1024, 768), (1440, 900)]
ARABIC = "مرحبا بكم في غرفة النقاش حول مستقبل المدينة والنهر والجسور القديمة هنا"[:70]
NOOR = "السيدة نور الهدى عبد الرحمن"
MARKS = "\u0489" * 50

BOX = """(selector) => {
    const seen = [...document.querySelectorAll(selector)].find((one) => one.checkVisibility());
    const { left, top, right, bottom } = seen.getBoundingClientRect();
    return { left, top, right, bottom };
}"""
# The first and the last letter, and where its box ends: what lies outside is cut off.
LETTERS = """(selector) => {
    const title = document.querySelector(selector);
    const box = title.getBoundingClientRect();
    const text = document.createTreeWalker(title, NodeFilter.SHOW_TEXT).nextNode();
    const isSeen = (at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        const { left, right } = range.getBoundingClientRect();
        return left >= box.left - 1 && right <= box.right + 1;
    };
    return { first: isSeen(0), last: isSeen(text.data.length - 1) };
}"""
# What of a word is drawn outside of its element: nothing, if that cuts off what overflows.
UNCUT = """(words) => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        let box = node.parentElement;
        if (!node.data.includes(words) || !box.checkVisibility() || box.closest("script")) continue;
        while (getComputedStyle(box).display.startsWith("inline")) box = box.parentElement;
        if (getComputedStyle(box).overflowY === "visible") found.push(box.className);
    }
    return found;
}"""


def box(person: Person, selector: str) -> dict[str, float]:
    found: dict[str, float] = person.ask(BOX, selector)
    return found


def lies_in(inner: dict[str, float], outer: dict[str, float]) -> bool:
    return (
        outer["left"] <= inner["left"]
        and outer["top"] <= inner["top"]
        and inner["right"] <= outer["right"]
        and inner["bottom"] <= outer["bottom"]
    )


def named(town: Town, person: Person, name: str) -> None:
    town.site.shell(
        "from accounts.models import User;"
        f" User.objects.filter(handle={person.handle!r}).update(display_name={name!r})"
    )


@pytest.fixture
def room(town: Town) -> tuple[Person, Person, Person]:
    """A room with an Arabic title; the host's name is Arabic, that of a speaker is marks alone."""
    host, speaker, listener = town.person(RED), town.person(), town.person(size=(360, 740))
    named(town, host, NOOR)
    named(town, speaker, MARKS)
    host.opens("/spaces/new/")
    host.names_the_space(ARABIC)
    host.starts()
    for person in (speaker, listener):
        person.listens_to(host.room_url)
    speaker.asks_to_speak()
    host.approves(speaker)
    speaker.is_on_stage()
    # The room's own words, not those that are captioned, are looked at here.
    for person in (host, speaker, listener):
        person.page.keyboard.press("c")
    return host, speaker, listener


def test_it_keeps_the_portrait_in_its_frame_at_every_size(
    room: tuple[Person, Person, Person],
) -> None:
    """Also with a banner over it, as the one that a new speaker sees."""
    _, speaker, listener = room
    wrong: list[Any] = []
    for person in (listener, speaker):
        for width, height in (*PHONES, *ON_ITS_SIDE, *WIDER):
            person.page.set_viewport_size({"width": width, "height": height})
            frame, portrait = box(person, ".stage__frame"), box(person, ".stage__voice .avatar")
            size = portrait["bottom"] - portrait["top"]
            if not lies_in(portrait, frame) or size < 40 or frame["right"] > width:
                wrong.append((person.handle, width, height, frame, portrait))
    assert wrong == []


def test_it_keeps_picture_and_people_side_by_side_on_a_phone_on_its_side(
    room: tuple[Person, Person, Person],
) -> None:
    _, speaker, _ = room
    for width, height in ON_ITS_SIDE:
        speaker.page.set_viewport_size({"width": width, "height": height})
        stage, people = box(speaker, ".room__stage"), box(speaker, ".room__scroll")
        banner, controls = box(speaker, ".banner"), box(speaker, ".controls")
        assert banner["bottom"] <= stage["top"] <= stage["bottom"] <= controls["top"] + 1
        assert stage["right"] <= people["left"] + 1, "The picture is left of the people."
        assert controls["bottom"] <= height + 1, "The controls are on the screen."


def test_it_keeps_the_beginning_of_a_title_that_runs_from_right_to_left(
    room: tuple[Person, Person, Person],
) -> None:
    host, _, listener = room
    assert listener.ask(LETTERS, "h1.room__title") == {"first": True, "last": False}
    assert listener.ask(LETTERS, ".stage__who")["first"]
    expect(listener.page.locator("h1.room__title")).to_have_css("direction", "rtl")
    listener.page.locator("[data-room=minimise]").click()
    listener.has_a_dock()
    assert listener.ask(LETTERS, "[data-room=dock-title]")["first"]
    expect(listener.page.locator(".space-card__title").first).to_have_css("direction", "rtl")
    host.opens_the_panel("people")
    assert host.ask(LETTERS, "[data-room=stage-list] .person__name")["first"]


def test_it_isolates_names_in_sentences_of_ours(room: tuple[Person, Person, Person]) -> None:
    host, speaker, listener = room
    expect(speaker.tile_of(host)).to_have_attribute(
        "aria-label", re.compile(f"\u2068{NOOR}\u2069,")
    )
    listener.asks_to_speak()
    expect(host.request_of(listener)).to_be_visible()
    named_in = speaker.page.locator(f"[data-room=person-menu][data-user='{host.user_id()}']")
    speaker.opens_the_panel("people")
    expect(named_in).to_have_attribute("aria-label", f"Actions for \u2068{NOOR}\u2069")


def test_it_cuts_marks_without_end_at_the_box_of_their_words(
    room: tuple[Person, Person, Person],
) -> None:
    host, speaker, listener = room
    host.opens_the_panel("people")
    host.page.locator(f"[data-room=person-menu][data-user='{speaker.user_id()}']").click()
    for person in (host, listener):
        assert person.ask(UNCUT, MARKS) == []
