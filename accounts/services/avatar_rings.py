"""Whose avatar has a ring, for one viewer."""

from django.core.cache import cache

from accounts.extension_points import registry
from accounts.extension_points.avatar_rings import Ring
from accounts.models import User

CACHE_S = 3  # One query for all pages of the instance in this time; a ring may be this late.
_KEY = "accounts:rings"


def live_rings() -> dict[int, str]:
    """Return, by user id, the address of the public live room where the user is on stage."""
    kept: list[tuple[int, str]] | None = cache.get(_KEY)
    if kept is not None:
        return dict(kept)
    found: dict[int, str] = {}
    for extension in registry.extensions():
        if extension.live_rings:
            found |= extension.live_rings()
    # As pairs: keys of JSON are strings.
    cache.set(_KEY, [list(pair) for pair in found.items()], CACHE_S)
    return found


def rings_for(viewer: User | None) -> dict[int, Ring]:
    """Return every ring the viewer sees, by user id; being live wins over a Fleet."""
    found: dict[int, Ring] = {}
    for extension in registry.extensions():
        if extension.viewer_rings:
            found |= extension.viewer_rings(viewer)
    return found | {pk: Ring(url, "live") for pk, url in live_rings().items()}
