"""Getting about a page by keyboard alone."""

from tests.browser.screen import Screen


def focused(screen: Screen) -> str:
    """Return the hook of what has the focus, or its tag."""
    return str(
        screen.ask("() => document.activeElement.dataset.room ?? document.activeElement.tagName")
    )


def tabs_to(screen: Screen, hook: str, most: int = 60) -> None:
    """Press Tab until the control has the focus. Raises AssertionError if it never has."""
    for _ in range(most):
        if focused(screen) == hook:
            return
        screen.page.keyboard.press("Tab")
    raise AssertionError(f"{hook} cannot be reached by Tab")
