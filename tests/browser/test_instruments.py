"""The measuring instruments tell the truth: a tone and a picture over a real loop of two
connections.
"""

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.chromium import Chromium
from tests.browser.screen import Screen
from tests.browser.voices import BLUE, RED, Voice

pytestmark = pytest.mark.browser

LOOP = """async () => {
  const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
  near.onicecandidate = ({candidate}) => far.addIceCandidate(candidate);
  far.onicecandidate = ({candidate}) => near.addIceCandidate(candidate);
  far.ontrack = ({track}) => {
    const element = document.createElement(track.kind);
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
    element.play();
  };
  const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: true});
  stream.getTracks().forEach((track) => near.addTrack(track, stream));
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
}"""


Loop = Callable[[Voice], Screen]


@pytest.fixture
def looped(chromium: Chromium) -> Iterator[Loop]:
    """Gives a page that sends a voice to itself.

    It is closed at the end: it would go on, beside all later tests.
    """
    windows: list[BrowserContext] = []

    def open_page(voice: Voice) -> Screen:
        windows.append(chromium.context(voice))
        return loop_in(windows[-1])

    yield open_page
    for window in windows:
        window.close()


def loop_in(window: BrowserContext) -> Screen:
    page = window.new_page()
    page.route(
        "**/*", lambda route: route.fulfill(content_type="text/html", body="<button>Go</button>")
    )
    page.goto("http://localhost:1/")
    page.get_by_role("button").click()
    page.evaluate(LOOP)
    return Screen(page)


@pytest.mark.parametrize(("voice", "other"), [(RED, BLUE), (BLUE, RED)])
def test_it_measures_the_tone_and_the_colour_of_a_voice(looped: Loop, voice, other) -> None:  # type: ignore[no-untyped-def]
    screen = looped(voice)
    screen.hears(voice)
    screen.sees(voice)
    screen.sees_it_move()
    assert not screen.page.evaluate("(hz) => instruments.hears(hz)", other.tone_hz)


def test_it_hears_nothing_when_the_element_is_muted(looped: Loop) -> None:
    screen = looped(RED)
    screen.hears(RED)
    screen.page.evaluate(
        "() => document.querySelectorAll('audio, video').forEach((element) => (element.muted = true))"
    )
    assert screen.page.evaluate("() => instruments.tones()") == []


def test_a_voice_is_the_same_file_each_time(tmp_path: Path) -> None:
    from tests.browser import voices

    assert (
        voices.microphone(RED, tmp_path).read_bytes()
        == voices.microphone(RED, tmp_path).read_bytes()
    )


def test_a_voice_that_speaks_is_silent_before_each_time(tmp_path: Path) -> None:
    from tests.browser import reading, voices

    voice = reading.speaking("rms-party", (0, 0, 0))
    assert voice.speech
    with (
        wave.open(str(voice.speech)) as said,
        wave.open(str(voices.microphone(voice, tmp_path))) as spaced,
    ):
        silence = spaced.readframes(round(spaced.getframerate() * reading.PAUSE_S))
        assert not any(silence) and len(silence) > spaced.getframerate()
        assert spaced.readframes(spaced.getnframes()) == said.readframes(said.getnframes())
