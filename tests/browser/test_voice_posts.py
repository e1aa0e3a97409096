"""Voice posts: recorded with a real spoken sentence as the microphone, heard again, drawn and
refused.
"""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import Person
from tests.browser.town import Town
from tests.browser.voices import Voice
from tests.posts.sounds import SPEECH

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

READER = Voice("reader", 0, (90, 90, 90), speech=SPEECH)
RECORD_MS = 3000


def recorder_of(person: Person) -> Locator:
    return person.page.locator("#composer [data-recorder]")


def records(person: Person, milliseconds: int = RECORD_MS) -> None:
    """Press the microphone, speak until the countdown has moved that far, press Done."""
    person.page.locator("#composer [data-record]").click()
    recorder = recorder_of(person)
    expect(recorder.locator("[data-recorder-stop]")).to_be_focused()
    meter = recorder.locator("meter")
    person.until(lambda: float(meter.evaluate("(one) => one.value")) > 0.2, "a level")
    left_s = "() => document.querySelector('#composer [data-recorder-left]').textContent.split(':')"
    person.until(
        lambda: (
            140
            - sum(int(part) * unit for part, unit in zip(person.ask(left_s), (60, 1), strict=True))
            >= milliseconds / 1000
        ),
        "the countdown",
    )
    person.page.keyboard.press("Enter")


def plays(person: Person, player: Locator) -> None:
    """Sound comes out: the position moves, and what is decoded is not silence."""
    player.locator("[data-voice-play]").click()
    audio = player.locator("audio")
    person.until(
        lambda: float(audio.evaluate("(one) => one.currentTime")) > 0.5, "the recording plays"
    )
    assert person.ask("() => document.querySelectorAll('.wave__on').length") > 0


def loudness_of(person: Person, url: str) -> float:
    """Return the mean square of the sound at this address, as the browser decodes it."""
    script = """async (url) => {
      const bytes = await (await fetch(url)).arrayBuffer();
      const sound = (await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes)).getChannelData(0);
      return sound.reduce((sum, one) => sum + one * one, 0) / sound.length;
    }"""
    return float(person.ask(script, url))


def test_a_spoken_sentence_is_recorded_posted_and_heard(town: Town) -> None:
    author, reader = town.person(READER), town.person()
    troubles = author.notes_troubles()
    author.opens("/")
    records(author)
    recorder = recorder_of(author)
    expect(recorder.locator("[data-step=preview]")).to_be_visible()
    plays(author, recorder.locator("[data-voice]"))
    expect(recorder.locator("[data-recorder-state]")).to_have_text("Ready to send")
    author.posts("Listen to the river")
    expect(recorder).to_be_hidden()
    player = author.post("Listen to the river").locator("[data-voice]")
    expect(player).to_be_visible()
    plays(author, player)

    reader.opens(author.address_of_post("Listen to the river"))
    heard = reader.page.locator("article [data-voice]").first
    plays(reader, heard)
    for source in heard.locator("source").all():
        assert loudness_of(reader, source.get_attribute("src") or "") > 1e-4
    heights = heard.locator(".wave rect").evaluate_all(
        "(bars) => bars.map((bar) => +bar.getAttribute('height'))"
    )
    assert len(heights) == 58
    assert max(heights) == 34 and min(heights) < 17  # Speech has words and pauses.
    assert troubles == []


def test_a_player_seeks_by_keyboard_changes_speed_and_stops_when_its_page_goes(town: Town) -> None:
    author = town.person(READER)
    author.opens("/")
    records(author)
    expect(recorder_of(author).locator("[data-recorder-state]")).to_have_text("Ready to send")
    author.posts("Seek in me")
    player = author.post("Seek in me").locator("[data-voice]")
    speed = player.locator("[data-voice-speed]")
    for label in ("1.25×", "1.5×", "2×", "0.75×", "1×"):
        speed.click()
        expect(speed).to_have_text(label)
    seek = player.locator("[data-voice-seek]")
    seek.focus()
    author.page.keyboard.press("End")
    audio = player.locator("audio")
    author.until(
        lambda: float(audio.evaluate("(one) => one.currentTime")) > 2, "the end of the recording"
    )
    author.page.keyboard.press("Home")
    plays(author, player)
    element = audio.element_handle()
    author.goes_to("Explore")
    author.until(lambda: element.evaluate("(one) => one.paused"), "silence on the next page")


def test_a_recording_is_taken_again_or_thrown_away(town: Town) -> None:
    author = town.person(READER)
    author.opens("/")
    records(author, 1000)
    recorder = recorder_of(author)
    expect(recorder.locator("[data-recorder-state]")).to_have_text("Ready to send")
    first = recorder.locator("[data-voice-id]").input_value()
    recorder.locator("[data-step=preview] [data-recorder-again]").click()
    expect(recorder.locator("[data-step=recording]")).to_be_visible()
    author.page.wait_for_timeout(1200)  # The recording's own time.
    recorder.locator("[data-recorder-stop]").click()
    expect(recorder.locator("[data-recorder-state]")).to_have_text("Ready to send")
    assert recorder.locator("[data-voice-id]").input_value() not in {"", first}
    assert (
        author.ask("(id) => fetch(`/posts/voice/${id}/`).then((answer) => answer.status)", first)
        == 404
    )
    recorder.locator("[data-step=preview] [data-recorder-drop]").click()
    expect(recorder).to_be_hidden()
    expect(author.page.locator("#composer [data-send]")).to_be_disabled()
    assert author.devices_in_use() == 0


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("NotFoundError", "No microphone was found"),
        ("NotAllowedError", "keeps the microphone closed"),
    ],
)
def test_it_says_what_to_do_when_there_is_no_microphone(
    town: Town, error: str, sentence: str
) -> None:
    author = town.person()
    author.opens("/")
    refuse = """(name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
    }"""
    author.ask(refuse, error)
    author.page.locator("#composer [data-record]").click()
    expect(recorder_of(author).locator("[data-recorder-error]")).to_contain_text(sentence)
    recorder_of(author).locator("[data-step=refused] [data-recorder-drop]").click()
    expect(recorder_of(author)).to_be_hidden()
    author.posts("Then in writing")


def test_what_is_no_sound_is_refused_with_a_sentence(town: Town) -> None:
    author = town.person()
    author.opens("/")
    fake = """() => {
      const stop = MediaRecorder.prototype.stop;
      Object.defineProperty(window, "Blob", { value: class extends Blob {
        constructor() { super(["OggS", "nothing to hear here".repeat(99)], { type: "audio/ogg" }); }
      }});
      return typeof stop;
    }"""
    assert author.ask(fake) == "function"
    author.page.locator("#composer [data-record]").click()
    author.until(
        lambda: recorder_of(author).locator("[data-recorder-stop]").is_visible(), "the recording"
    )
    recorder_of(author).locator("[data-recorder-stop]").click()
    expect(recorder_of(author).locator("[data-recorder-error]")).to_contain_text(
        "not a recording we can read"
    )
