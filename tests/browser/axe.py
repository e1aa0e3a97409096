"""What axe finds wrong with a page for those who use it otherwise, and what scrolls sideways, in
every look.
"""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.browsing import Browsing
from tests.browser.chromium import DESKTOP

# Without `resultTypes`, axe describes each element that is well, too; that takes longer than the
# search for faults.
# Any: axe's options and answers are JSON.
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
WCAG: dict[str, Any] = {
    **EVERYTHING,
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}
COLOURS: dict[str, Any] = {**EVERYTHING, "runOnly": ["color-contrast", "link-in-text-block"]}
GRAVE = {"serious", "critical"}

Look = tuple[str, tuple[int, int]]
SMALL_PHONE = (360, 740)
PHONE_BY_DAY: Look = ("light", SMALL_PHONE)
PHONE_BY_NIGHT: Look = ("dark", SMALL_PHONE)
DESKTOP_BY_NIGHT: Look = ("dark", DESKTOP)
TWO_LOOKS = (PHONE_BY_DAY, DESKTOP_BY_NIGHT)
ALL_LOOKS = (PHONE_BY_DAY, PHONE_BY_NIGHT, DESKTOP_BY_NIGHT, ("light", DESKTOP))


def by_day_and_night(size: tuple[int, int]) -> tuple[Look, Look]:
    return ("light", size), ("dark", size)


def faults_of(
    person: Browsing, looks: Sequence[Look] = ALL_LOOKS, rules: dict[str, Any] = EVERYTHING
) -> list[str]:
    """Return what axe calls serious or critical, and sideways scrolling, in each look of the page
    as it stands.

    By night a page of the same size is only drawn in other colours, so only their rules are asked
    again.
    """
    found = []
    sizes: set[tuple[int, int]] = set()
    for colours, size in looks:
        wear(person, (colours, size))
        where = f"{person.path()} {colours} {size[0]}px"
        found += [
            f"{where} {fault}" for fault in grave(person.page, COLOURS if size in sizes else rules)
        ]
        sizes.add(size)
        if person.ask("() => document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{where} scrolls sideways")
    return found


def wear(person: Browsing, look: Look) -> None:
    """Show the page by day or by night, as large as a phone or a desk, and wait until it has
    changed.
    """
    colours, (width, height) = look
    person.page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
    person.page.set_viewport_size({"width": width, "height": height})
    person.settles()


def grave(page: Page, rules: dict[str, Any] = WCAG) -> list[str]:
    """Return what axe calls serious or critical on the page as it is."""
    if not page.evaluate("() => 'axe' in window"):  # Half a megabyte: once for each document.
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate("async (rules) => (await axe.run(rules)).violations", rules)
    return [
        f"{one['id']}: {'; '.join(node['html'][:160] for node in one['nodes'][:3])}"
        for one in violations
        if one["impact"] in GRAVE
    ]
