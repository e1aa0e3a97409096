"""What one page shows and plays, measured. It only looks and listens."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.voices import Voice

# For anything that is not promised faster: two cores run the stack and five browsers.
PATIENCE_S = 30
RESTART_S = 45  # For a process that was killed to be up again while everything else goes on.
POLL_MS = 100

expect.set_options(timeout=PATIENCE_S * 1000)


class Screen:
    """What one page shows and plays, measured."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def ask(self, script: str, argument: Any = None) -> Any:  # Any: whatever JSON the page answers.
        return self.page.evaluate(script, argument)

    def until(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE_S) -> Any:
        """Return the first true value of `condition`.

        Raises AssertionError with `what` after the deadline.
        """
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"Not within {seconds:g} s: {what}")
            self.page.wait_for_timeout(POLL_MS)  # Lets the page's events be handled while we wait.

    # Sound

    def hears(self, voice: Voice, seconds: float = PATIENCE_S) -> None:
        """The tone of this voice comes out of an element that is playing."""
        self.ask("() => instruments.wakeMeters()")
        self.until(
            lambda: self.ask("(hz) => instruments.hears(hz)", voice.tone_hz),
            f"hearing {voice.tone_hz} Hz",
            seconds,
        )

    def hears_nothing_of(self, voice: Voice, seconds: float = 3) -> None:
        """For `seconds` in a row the tone of this voice is not in what plays.

        Phrases pause for less than 0.1 s.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert not self.ask("(hz) => instruments.hears(hz)", voice.tone_hz), (
                f"{voice.tone_hz} Hz is still heard"
            )
            self.page.wait_for_timeout(POLL_MS)

    def loses(self, voice: Voice, seconds: float = PATIENCE_S) -> None:
        """The tone of this voice stops within `seconds` and stays away."""
        quiet_since: list[float] = []

        def is_quiet() -> bool:
            if self.ask("(hz) => instruments.hears(hz)", voice.tone_hz):
                quiet_since.clear()
            elif not quiet_since:
                quiet_since.append(time.monotonic())
            return bool(quiet_since) and time.monotonic() - quiet_since[0] > 1

        self.until(is_quiet, f"silence of {voice.tone_hz} Hz", seconds + 1)

    # Picture

    def picture(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("() => instruments.mainPicture()")
        return found

    def sees(self, voice: Voice, seconds: float = PATIENCE_S) -> None:
        """The largest picture on the page is the camera of this voice."""
        self.until(
            lambda: self.picture()["colour"] == voice.name,
            f"seeing the {voice.name} picture",
            seconds,
        )

    def sees_a_picture(self) -> None:
        """Some camera is in the largest picture, whatever it shows."""
        self.until(lambda: self.ask("() => instruments.hasPicture()"), "a picture")

    def sees_it_move(self) -> None:
        """The white bar of the largest picture walks."""
        places: set[int] = set()

        def has_moved() -> bool:
            bar = self.picture()["bar"]
            if bar >= 0:
                places.add(round(bar))
            return len(places) >= 3

        self.until(has_moved, "a picture that moves")
