"""The rooms that one page shows in several places: beside it, on the shelf, at the tab, on a profile, in link cards.

They are fetched together, once a request: three queries however many places there are.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, When

from accounts.models import Follow, User
from config import memo
from spaces.models import Seat, Space

MOST_LOOKED_AT = 200  # Live rooms, the newest; more than anybody scrolls through.


@dataclass
class _Glance:
    live: list[Space] | None = None
    known: dict[str, Space] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # Asked for, and not for this viewer.


def live_rooms(viewer: User | None) -> list[Space]:
    """Return the live rooms that lists may show to this viewer, newest first.

    Each has `is_followed` (the host, by the viewer), and so has each of its seats.
    """
    glance = _of(viewer)
    if glance.live is None:
        _look(glance, viewer, set())
    return glance.live or []


def by_public_id(viewer: User | None, public_ids: Collection[str]) -> dict[str, Space]:
    """Return the Spaces of any state that the viewer may see; links to others have no card."""
    glance = _of(viewer)
    missing = set(public_ids) - set(glance.known) - glance.hidden
    if missing:
        _look(glance, viewer, missing)
    return {public_id: glance.known[public_id] for public_id in public_ids if public_id in glance.known}


def _of(viewer: User | None) -> _Glance:
    return memo.once(("spaces.glance", viewer.pk if viewer else None), _Glance)


def _look(glance: _Glance, viewer: User | None, public_ids: set[str]) -> None:
    """Fetch `public_ids`, and in the same query the live rooms unless they are there already."""
    from spaces.services.discovery import live_for  # It asks here for the rooms it ranks.

    wanted = Q(public_id__in=public_ids)
    if glance.live is None:
        wanted |= Q(pk__in=live_for(viewer).values("pk"))
    me = viewer.pk if viewer and viewer.pk else 0
    follows = Follow.objects.filter(follower=me)
    seats = Seat.objects.select_related("user").annotate(is_followed=Exists(follows.filter(followed=OuterRef("user"))))
    rows = Space.objects.visible_to(viewer).filter(wanted).select_related("host")
    rows = rows.annotate(
        is_listed=Exists(live_for(viewer).filter(pk=OuterRef("pk"))),
        is_followed=Exists(follows.filter(followed=OuterRef("host"))),
    )
    rows = rows.prefetch_related("topics", Prefetch("seats", seats))
    # What was asked for comes first, so that the limit cuts only the oldest of the live ones.
    rows = rows.order_by(Case(When(public_id__in=public_ids, then=0), default=1), "-started_at", "-id")
    found = list(rows[: MOST_LOOKED_AT + len(public_ids)])
    glance.known.update({space.public_id: space for space in found})
    glance.hidden |= public_ids - set(glance.known)
    if glance.live is None:
        listed = [space for space in found if getattr(space, "is_listed", False)]
        glance.live = sorted(listed, key=lambda space: (space.started_at or space.created_at, space.pk), reverse=True)
