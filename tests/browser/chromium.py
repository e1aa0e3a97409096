"""Real Chromium processes: one for each voice (fake devices belong to a process), one for people
who only listen.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Playwright

from tests.browser import voices
from tests.browser.voices import Voice

INSTRUMENTS = Path(__file__).with_name("instruments.js")
DESKTOP = (1440, 900)
PHONE = (390, 844)
# What takes a fifth of the machine and is not the product: two pages for the address bar of each
# window, which nobody sees, and what Playwright switches off by the same flag, as only its last
# occurrence counts.
WITHOUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "HttpsUpgrades",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
)
# The default autoplay policy stays: that one click unlocks the sound is part of what is tested.
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    f"--disable-features={','.join(WITHOUT)}",
)


class Chromium:
    """Starts a process for a voice when it is first needed and keeps it for the run."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._playwright = playwright
        self._folder = folder
        self._browsers: dict[Voice | None, Browser] = {}

    def context(
        self,
        voice: Voice | None = None,
        size: tuple[int, int] = DESKTOP,
        colours: str = "light",
        cookies: Path | None = None,
        zone: str = "Asia/Jakarta",
    ) -> BrowserContext:
        """Return a new context: a browser window with its own cookies.

        `cookies` is a file of an earlier log-in.
        """
        context = self._browser(voice).new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if colours == "dark" else "light",
            has_touch=size[0] < 600,
            storage_state=cookies,
            locale="en-GB",
            timezone_id=zone,
        )
        context.add_init_script(path=INSTRUMENTS)
        return context

    @contextmanager
    def line(self) -> Iterator[APIRequestContext]:
        """Yield something that asks the site as a browser does, but has no window."""
        line = self._playwright.request.new_context()
        try:
            yield line
        finally:
            line.dispose()

    def close(self) -> None:
        for browser in self._browsers.values():
            browser.close()

    def _browser(self, voice: Voice | None) -> Browser:
        if voice not in self._browsers:
            self._browsers[voice] = self._playwright.chromium.launch(
                executable_path=executable(), args=[*FLAGS, *self._devices(voice)]
            )
        return self._browsers[voice]

    def _devices(self, voice: Voice | None) -> list[str]:
        if voice is None:
            return []
        return [
            f"--use-file-for-fake-audio-capture={voices.microphone(voice, self._folder)}",
            f"--use-file-for-fake-video-capture={voices.camera(voice, self._folder)}",
        ]


def executable() -> str:
    """Return the distribution's Chromium. Raises RuntimeError with what to do if there is none."""
    found = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not found:
        raise RuntimeError("No Chromium found. Install it with: apt-get install chromium")
    return found
