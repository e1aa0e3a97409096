"""The registry of page parts that other apps fill: rooms on the shelf, "Live now" beside every
page.

posts and the base template name the places; `spaces` says what stands there, in its
AppConfig.ready():

    shelf.register("live_now", live_now)   # (viewer, subject) -> Part | None
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from accounts.models import User

# live_now: first section of the aside, on every page. shelf: front of the row above the home
# timeline (phones and tablets). profile: above a person's posts, called with that person as
# `subject`. nav_badge: number at the Spaces tab.
Place = Literal["live_now", "shelf", "profile", "nav_badge"]


@dataclass(frozen=True)
class Part:
    """A template of the app that owns the part, and what it needs. The template must not query."""

    template: str
    context: Mapping[str, object] = field(default_factory=dict)


# Takes the viewer and, at "profile", the person whose page it is. None: nothing to show.
Builder = Callable[[User | None, User | None], Part | None]

_registry: dict[Place, Builder] = {}


def register(place: Place, build: Builder) -> None:
    _registry[place] = build


def unregister(place: Place) -> None:
    _registry.pop(place, None)


def part_for(place: Place, viewer: User | None, subject: User | None = None) -> Part | None:
    """Return what stands at `place`, or None if nobody fills it or there is nothing to show."""
    build = _registry.get(place)
    return build(viewer, subject) if build else None
