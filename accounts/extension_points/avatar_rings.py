"""Whose avatar has a ring: who is on stage this minute, and who has a Fleet up; a tap leads there
(RULES §1).

spaces and posts fill this in AppConfig.ready(); accounts knows neither rooms nor Fleets:

    rings.register(on_stage)             # () -> {user id: address of the room}, the same for everybody
    rings.register_for_viewer(fleets)    # (viewer) -> {user id: Ring}, what this viewer may open
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.core.cache import cache

from accounts.models import User


@dataclass(frozen=True)
class Ring:
    """`live`: on stage now; `fleet`: something unseen; `seen`: Fleets the viewer has seen."""

    url: str
    kind: Literal["live", "fleet", "seen"]


Finder = Callable[[], dict[int, str]]
Looker = Callable[[User | None], dict[int, Ring]]

CACHE_S = 3  # One query for all pages of the instance in this time; a ring may be this late.
_KEY = "accounts:rings"
_finders: list[Finder] = []
_lookers: list[Looker] = []


def register(find: Finder) -> None:
    _finders.append(find)


def register_for_viewer(look: Looker) -> None:
    _lookers.append(look)


def rings() -> dict[int, str]:
    """Return the room of everybody who is on stage in a public live room."""
    found: dict[int, str] | None = cache.get(_KEY)
    if found is None:
        found = {pk: url for find in _finders for pk, url in find().items()}
        cache.set(_KEY, found, CACHE_S)
    return found


def rings_for(viewer: User | None) -> dict[int, Ring]:
    """Return every ring the viewer sees; being live wins over a Fleet."""
    found = {pk: ring for look in _lookers for pk, ring in look(viewer).items()}
    return found | {pk: Ring(url, "live") for pk, url in rings().items()}
