"""Who is on stage this minute: their avatar has a ring, and a tap on it leads into the room (RULES §1).

spaces fills this in AppConfig.ready(); accounts knows no rooms:

    rings.register(on_stage)   # () -> {user id: address of the room}
"""

from collections.abc import Callable

from django.core.cache import cache

Finder = Callable[[], dict[int, str]]

CACHE_S = 3  # One query for all pages of the instance in this time; a ring may be this late.
_KEY = "accounts:rings"
_finders: list[Finder] = []


def register(find: Finder) -> None:
    _finders.append(find)


def rings() -> dict[int, str]:
    """Return the room of everybody who is on stage in a public live room."""
    found: dict[int, str] | None = cache.get(_KEY)
    if found is None:
        found = {pk: url for find in _finders for pk, url in find().items()}
        cache.set(_KEY, found, CACHE_S)
    return found
