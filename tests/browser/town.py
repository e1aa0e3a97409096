"""Where the people of a test come from: accounts nobody used before, each in a browser window of
their own.
"""

import json
import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Error

from tests.browser.chromium import DESKTOP, Chromium
from tests.browser.people import Person
from tests.browser.staff import make_moderator
from tests.browser.voices import Voice
from tests.stack.parley import Parley

PASSWORD = "parley-demo"
CSRF_TOKEN = "a" * 32  # Any will do: what counts is that cookie and form agree.


class Town:
    """Hands out people.

    `person()` is always somebody new, so that a test never meets what another one left behind.
    """

    def __init__(self, site: Parley, chromium: Chromium, folder: Path) -> None:
        self.site = site
        self._chromium = chromium
        self._folder = folder
        self._taken = 0
        self._windows: list[BrowserContext] = []
        self._consoles: dict[int, list[str]] = {}

    def person(
        self,
        voice: Voice | None = None,
        size: tuple[int, int] = DESKTOP,
        colours: str = "light",
        handle: str | None = None,
    ) -> Person:
        """Return a person who is logged in.

        `handle` names one of the known demo people instead of somebody new.
        """
        if handle is None:
            self._taken += 1
            handle = f"demo{self._taken}"
        cookies = self._folder / f"{handle}.json"
        if not cookies.exists():
            self._log_in(handle, cookies)
        return Person(self._window(voice, size, colours, cookies), self.site.url, handle)

    def visitor(
        self,
        size: tuple[int, int] = DESKTOP,
        colours: str = "light",
        voice: Voice | None = None,
        zone: str = "Asia/Jakarta",
    ) -> Person:
        """Return somebody without an account, or not logged in."""
        return Person(self._window(voice, size, colours, None, zone), self.site.url, "")

    def moderator(self) -> Person:
        """Return somebody of the staff."""
        person = self.person()
        make_moderator(self.site, person)
        return person

    def new_handle(self) -> str:
        self._taken += 1
        return f"demo{self._taken}"

    def everybody_goes_home(self) -> None:
        for window in self._windows:
            window.close()
        self._windows.clear()
        self._consoles.clear()

    def screens(self, name: str) -> str:
        """Save a picture of every open page; return where they are, with addresses and consoles."""
        lines = []
        for number, window in enumerate(self._windows):
            for tab, page in enumerate(window.pages):
                path = (
                    self._folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}-{number}-{tab}.png"
                )
                try:
                    page.screenshot(path=path, timeout=5000)
                # A crashed tab has no picture; the test's own failure matters more.
                except Error as error:
                    lines.append(f"{page.url}: {error.message}")
                lines.append(f"{page.url} {path}")
            lines += [f"    {line}" for line in self._consoles[id(window)]]
        return "\n".join(lines)

    def _window(
        self,
        voice: Voice | None,
        size: tuple[int, int],
        colours: str,
        cookies: Path | None,
        zone: str = "Asia/Jakarta",
    ) -> BrowserContext:
        context = self._chromium.context(voice, size, colours, cookies, zone)
        said = self._consoles[id(context)] = []
        context.on("console", lambda line: said.append(f"{line.type}: {line.text}"))
        context.on("weberror", lambda error: said.append(f"uncaught: {error.error}"))
        self._windows.append(context)
        return context

    def _log_in(self, handle: str, cookies: Path) -> None:
        """Send the log-in form without drawing it; the form itself is walked through in
        test_first_light.
        """
        door = f"{self.site.url}/account/login/"
        with self._chromium.line() as line:
            answer = line.post(
                door,
                form={"csrfmiddlewaretoken": CSRF_TOKEN, "login": handle, "password": PASSWORD},
                headers={"Cookie": f"csrftoken={CSRF_TOKEN}", "Referer": door},
                max_redirects=0,
            )
            assert answer.status == 302, (
                f"{handle} cannot log in: {answer.status} {answer.text()[:2000]}"
            )
            state = line.storage_state()
        # Without the "Welcome" notice, which the next page would show.
        state["cookies"] = [
            cookie for cookie in state["cookies"] if cookie.get("name") != "messages"
        ]
        cookies.write_text(json.dumps(state))
