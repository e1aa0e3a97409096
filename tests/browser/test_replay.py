"""What was said stays: captions under the right names, consent, REC, and the replay at the Space's
own address.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import WCAG, faults_of
from tests.browser.people import Person
from tests.browser.reading import SENTENCES, lines, reads, speaking
from tests.browser.town import Town

# Alone: the recogniser takes what others leave, and captions that come late are not shown at all
# (RULES §8).
pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]

SUNDAY, PARTY = "slt-sunday", "rms-party"
RENDERED_S = 120
WORD_ERRORS = 0.2
TIMES_S = 60


def test_it_captions_records_and_replays_a_talk(town: Town) -> None:
    """One voice at a time; both at once are in test_captions."""
    host, guest = (
        town.person(speaking(SUNDAY, (200, 30, 30))),
        town.person(speaking(PARTY, (30, 40, 200))),
    )
    host.is_live_in("What the river said")
    guest.listens_to(host.room_url)
    host.records()
    for person in (host, guest):
        expect(person.page.locator(".badge--rec:visible").first).to_be_visible()
    guest.presses("[data-room=request]")
    expect(guest.page.locator("[data-room=consent-note]")).to_be_visible()
    guest.page.locator("[data-room=send-request]").click()
    host.approves(guest)
    guest.until(lambda: guest.role() == "speaker", "on stage")

    host.talks()
    reads(guest, host, SENTENCES[SUNDAY], WORD_ERRORS, TIMES_S)
    expect(guest.page.locator("[data-room=caption-lines] .captions__who").first).to_be_visible()
    host.mutes()
    guest.talks()
    reads(host, guest, SENTENCES[PARTY], WORD_ERRORS, TIMES_S)
    guest.mutes()
    silent_from = len(lines(guest))
    # Both microphones are closed; that nothing comes takes its time to see.
    guest.page.wait_for_timeout(3_000)
    assert len([line for line in lines(guest)[silent_from:] if line["final"]]) <= 1, (
        "What was on its way may end."
    )

    host.ends()
    host.page.locator("[data-room=to-replay]").click()
    player = host.page.locator("[data-replay=page]")
    host.until(
        lambda: player.count() + host.page.locator("[data-replay=waiting]").count(),
        "the replay's page",
    )
    host.until(lambda: player.count() > 0, "the replay is ready", RENDERED_S)
    plays(host)
    assert faults_of(host, rules=WCAG) == []
    visitor = town.visitor()
    visitor.opens(host.room_url)
    plays(visitor)
    expect(visitor.page.locator("[data-replay=tools]")).to_have_count(0)


def plays(person: Person) -> None:
    """The replay runs, shows who speaks and what they say, and seeks."""
    page = person.page
    video = "document.querySelector('[data-replay=video]')"
    person.until(lambda: person.ask(f"() => {video}.readyState >= 1"), "the replay's length")
    assert person.ask(f"() => {video}.duration") > 10
    page.locator("[data-replay=play]").click()
    person.until(lambda: person.ask(f"() => {video}.currentTime") > 1, "the replay runs")
    expect(page.locator("[data-replay=chapters] li").first).to_be_visible()
    line = page.locator(".said__line").first
    expect(line).to_be_visible()
    line.locator(".said__time").click()
    person.until(
        lambda: page.locator("[data-replay=captions] .player__caption").count(),
        "a caption over the picture",
    )
    assert page.locator("[data-replay=captions]").inner_text().strip()
    page.locator("[data-replay=speed]").select_option("2")
    assert person.ask(f"() => {video}.playbackRate") == 2
    page.keyboard.press("0")
    person.until(lambda: person.ask(f"() => {video}.currentTime") < 5, "back at the beginning")
    # K on a Cyrillic layout; held, it is still one press.
    for repeat in ("false", "true", "true"):
        person.ask(
            "() => document.body.dispatchEvent(new KeyboardEvent('keydown',"
            f" {{ key: 'л', code: 'KeyK', bubbles: true, cancelable: true, repeat: {repeat} }}))"
        )
    assert person.ask(f"() => {video}.paused")
    assert person.ask("() => document.querySelector('[data-replay=video]').error") is None
