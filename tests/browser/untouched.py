"""A page that nobody has touched yet.

Playwright runs every script of a test (`evaluate`, and each locator with it) as if the person had
just clicked, and a page that was clicked may play sound. What goes by the DevTools protocol without
that mark leaves the page as it was.
"""

from typing import Any

from playwright.sync_api import Page

from tests.browser.screen import Screen


class Untouched(Screen):
    """Looks at a page without touching it; what it presses, it presses with the mouse or a key and
    nothing else.
    """

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._wire = page.context.new_cdp_session(page)

    def ask(self, script: str, argument: Any = None) -> Any:  # Any: whatever JSON the page answers.
        """Like `Screen.ask`, without the rights of a click.

        Raises AssertionError with what the script raised.
        """
        assert argument is None, "Write the argument into the script."
        wish = {
            "expression": f"({script})()",
            "returnByValue": True,
            "awaitPromise": True,
            "userGesture": False,
        }
        found = self._wire.send("Runtime.evaluate", wish)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def was_never_touched(self) -> bool:
        return not self.ask("() => navigator.userActivation.hasBeenActive")

    def shows(self, hook: str) -> bool:
        return bool(self.ask(f"() => document.querySelector({hook!r})?.checkVisibility() ?? false"))

    def is_silent(self) -> bool:
        """Return whether no element plays, though there are streams to play."""
        elements = self.ask("() => instruments.audio()")
        return bool(elements) and not any(element["open"] for element in elements)

    def clicks(self, hook: str) -> None:
        """Click in the middle of what is shown there."""
        box = self.ask(f"() => document.querySelector({hook!r}).getBoundingClientRect().toJSON()")
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
