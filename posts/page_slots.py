"""Slots of the pages of posts and of the base template that apps above fill.

An app declares one `PageSlots` in `<app>/extension.py` and passes it to `fill` in
AppConfig.ready(). If two apps fill a slot, the first in INSTALLED_APPS that has something to show
is shown; of the search page both are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from accounts.models import User

Place = Literal["live_now", "shelf", "profile", "nav_badge"]


@dataclass(frozen=True)
class Part:
    """A template of the app that owns the part, and what it needs. The template must not query."""

    template: str
    context: Mapping[str, object]


# Takes the viewer and, at "profile", the person whose page it is. None: nothing to show.
Builder = Callable[[User | None, User | None], Part | None]


@dataclass(frozen=True)
class PageSlots:
    """What an app puts into each slot; None leaves it empty, and no field has a default.

    `live_now`: first section of the aside, on every page.
    `shelf`: front of the row above the home timeline (phones and tablets).
    `profile`: above a person's posts; called with that person.
    `nav_badge`: number at the Spaces tab.
    `search_results`: between people and posts on the search page; takes the query and the viewer.
    """

    live_now: Builder | None
    shelf: Builder | None
    profile: Builder | None
    nav_badge: Builder | None
    search_results: Callable[[str, User | None], Part | None] | None

    def builder(self, place: Place) -> Builder | None:
        """Raises KeyError for a place that is no slot."""
        builders = {
            "live_now": self.live_now,
            "shelf": self.shelf,
            "profile": self.profile,
            "nav_badge": self.nav_badge,
        }
        return builders[place]


_filled: list[PageSlots] = []


def fill(slots: PageSlots) -> None:
    _filled.append(slots)


def part_for(place: Place, viewer: User | None, subject: User | None = None) -> Part | None:
    """Return what stands at `place`, or None if there is nothing to show."""
    for slots in _filled:
        build = slots.builder(place)
        part = build(viewer, subject) if build else None
        if part:
            return part
    return None


def search_results(query: str, viewer: User | None) -> list[Part]:
    """Return what other apps found for `query`."""
    finders = [slots.search_results for slots in _filled if slots.search_results]
    parts = [find(query, viewer) for find in finders]
    return [part for part in parts if part]
