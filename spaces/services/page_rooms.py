"""The rooms that one page shows in several places: beside it, on the shelf, at the tab, on a
profile, in link cards.

They are fetched together, once a request: three queries however many places there are. On a profile
the next Space of its owner comes along.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, Subquery, Value, When

from accounts.extension_points import profile_subject
from accounts.models import Follow, User
from config.http import request_cache
from spaces.models import Seat, Space, SpaceQuerySet
from spaces.services import reminders
from spaces.services.listings import live_for, upcoming_for

MOST_LOOKED_AT = 200  # Live rooms, the newest; more than anybody scrolls through.


@dataclass
class _Glance:
    live: list[Space] | None = None
    known: dict[str, Space] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # Asked for, and not for this viewer.
    coming: dict[int, Space | None] = field(default_factory=dict)  # The next Space, by its host.


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
    return {
        public_id: glance.known[public_id] for public_id in public_ids if public_id in glance.known
    }


def next_of(viewer: User | None, host: User) -> Space | None:
    """Return the Space of this host that comes next, if the viewer may enter it."""
    glance = _of(viewer)
    if host.pk not in glance.coming:
        _look(glance, viewer, set(), host)
    return glance.coming[host.pk]


def _of(viewer: User | None) -> _Glance:
    return request_cache.once(("spaces.glance", viewer.pk if viewer else None), _Glance)


def _look(
    glance: _Glance, viewer: User | None, public_ids: set[str], host: User | None = None
) -> None:
    """Fetch `public_ids`, and in the same query what else the page will want, unless it is there
    already.
    """
    owner = host or profile_subject.of_page()
    if owner and owner.pk in glance.coming:
        owner = None
    rows = _wanted(viewer, public_ids, owner, with_live=glance.live is None)
    # Nobody asks to be told of what is live already.
    found = list(_with_people(rows, viewer, public_ids, with_wishes=bool(public_ids or owner)))
    glance.known.update({space.public_id: space for space in found})
    glance.hidden |= public_ids - set(glance.known)
    if owner:
        glance.coming[owner.pk] = next((space for space in found if vars(space)["is_next"]), None)
    if glance.live is None:
        listed = [space for space in found if vars(space)["is_listed"]]
        glance.live = sorted(
            listed, key=lambda space: (space.started_at or space.created_at, space.pk), reverse=True
        )


def _wanted(
    viewer: User | None, public_ids: set[str], owner: User | None, *, with_live: bool
) -> SpaceQuerySet:
    """Each with `is_listed` and `is_next`.

    The plainest query that will do: most pages ask for live rooms alone.
    """
    if with_live and not public_ids and not owner:
        return live_for(viewer).annotate(is_listed=Value(True), is_next=Value(False))
    wanted = Q(public_id__in=public_ids)
    listed: Exists | Value = Value(False)
    coming: Q | Value = Value(False)
    if with_live:
        listed = Exists(live_for(viewer).filter(pk=OuterRef("pk")))
        wanted |= Q(is_listed=True)
    if owner:
        rows = upcoming_for(viewer).filter(host=owner).order_by("scheduled_for", "pk")
        coming = Q(pk=Subquery(rows.values("pk")[:1]))
        wanted |= Q(is_next=True)
    return (
        Space.objects.visible_to(viewer).annotate(is_listed=listed, is_next=coming).filter(wanted)
    )


def _with_people(
    rows: SpaceQuerySet, viewer: User | None, public_ids: set[str], *, with_wishes: bool
) -> SpaceQuerySet:
    follows = Follow.objects.filter(follower=viewer.pk if viewer and viewer.pk else 0)
    seats = Seat.objects.select_related("user").annotate(
        is_followed=Exists(follows.filter(followed=OuterRef("user")))
    )
    rows = rows.select_related("host").annotate(
        is_followed=Exists(follows.filter(followed=OuterRef("host")))
    )
    rows = rows.prefetch_related("topics", Prefetch("seats", seats))
    if with_wishes and viewer and viewer.pk:
        rows = reminders.with_wishes(rows, viewer)
    # What was asked for comes first, so that the limit cuts only the oldest of the live ones.
    is_asked_for = Case(When(Q(public_id__in=public_ids) | Q(is_next=True), then=0), default=1)
    return rows.order_by(is_asked_for, "-started_at", "-id")[: MOST_LOOKED_AT + len(public_ids) + 1]
