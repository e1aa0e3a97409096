"""The rooms that one page shows in several places.

Beside the page, on the home page's bar, at the tab, on a profile, in link cards. They are fetched
together, once a request: three queries however many places there are. On a profile the next Space
of its owner comes along.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from accounts.extension_points import profile_subject
from accounts.models import Follow, User
from config.db import prepared
from config.http import request_cache
from spaces.models import Space, SpaceQuerySet
from spaces.services import card_parts, reminders
from spaces.services.listings import live_for, upcoming_for

MOST_LOOKED_AT = 200  # Live rooms, the newest; more than a viewer scrolls through.


@dataclass
class _PageRooms:
    """What this request has fetched for one viewer. `live` is None until it has been asked for."""

    live: list[Space] | None = None
    by_public_id: dict[str, Space] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # Asked for, and not for this viewer.
    next_by_host: dict[int, Space | None] = field(default_factory=dict)


def live_rooms(viewer: User | None) -> list[Space]:
    """Return the live rooms that lists may show to this viewer, newest first.

    Each has `is_followed` (the host, by the viewer), and so has each of its seats.
    """
    rooms = _rooms_of_request(viewer)
    if rooms.live is None:
        _fetch(rooms, viewer, set())
    return rooms.live or []


def by_public_id(viewer: User | None, public_ids: Collection[str]) -> dict[str, Space]:
    """Return the Spaces of any state that the viewer may see; links to others have no card."""
    rooms = _rooms_of_request(viewer)
    known = rooms.by_public_id
    missing = set(public_ids) - set(known) - rooms.hidden
    if missing:
        _fetch(rooms, viewer, missing)
    return {public_id: known[public_id] for public_id in public_ids if public_id in known}


def next_of(viewer: User | None, host: User) -> Space | None:
    """Return the Space of this host that comes next, if the viewer may enter it."""
    rooms = _rooms_of_request(viewer)
    if host.pk not in rooms.next_by_host:
        _fetch(rooms, viewer, set(), host)
    return rooms.next_by_host[host.pk]


def _rooms_of_request(viewer: User | None) -> _PageRooms:
    return request_cache.once(("spaces.page_rooms", viewer.pk if viewer else None), _PageRooms)


def _fetch(
    rooms: _PageRooms, viewer: User | None, public_ids: set[str], host: User | None = None
) -> None:
    """Fetch `public_ids`, and in the same query what else the page will want.

    What is there already is left out.
    """
    host = host or profile_subject.of_page()
    if host and host.pk in rooms.next_by_host:
        host = None
    asked = sorted(public_ids)
    if asked:
        # Of as many as a power of two: a query for each number of links is not prepared.
        asked += asked[:1] * ((1 << (len(asked) - 1).bit_length()) - len(asked))
    # It is asked for live rooms alone by most pages, whose query is the plainest.
    fetched = prepared.fetch(_wanted, viewer, rooms.live is None, host.pk if host else None, *asked)
    card_parts.attach(fetched, viewer)
    rooms.by_public_id.update({space.public_id: space for space in fetched})
    rooms.hidden |= public_ids - set(rooms.by_public_id)
    if host:
        coming = [space for space in fetched if vars(space)["is_next"]]
        rooms.next_by_host[host.pk] = coming[0] if coming else None
    if rooms.live is None:
        listed = [space for space in fetched if vars(space)["is_listed"]]
        listed.sort(key=lambda space: (space.started_at or space.created_at, space.pk))
        rooms.live = listed[::-1]


def _wanted(
    viewer: User | None, with_live: bool, host: int | None, *public_ids: str
) -> SpaceQuerySet:
    follows = Follow.objects.filter(follower=viewer.pk if viewer and viewer.pk else 0)
    spaces = _chosen(viewer, with_live, host, public_ids).select_related("host")
    spaces = spaces.annotate(is_followed=Exists(follows.filter(followed=OuterRef("host"))))
    # Nobody asks to be told of what is live already.
    if viewer and viewer.pk and (public_ids or host):
        spaces = reminders.with_choices(spaces, viewer)
    spaces = spaces.order_by("-started_at", "-id")
    if public_ids or host:
        # What was asked for comes first, so that the limit cuts only the oldest of the live ones.
        is_asked_for = Case(When(Q(public_id__in=public_ids) | Q(is_next=True), then=0), default=1)
        spaces = spaces.order_by(is_asked_for, "-started_at", "-id")
    return spaces[: MOST_LOOKED_AT + len(public_ids) + 1]


def _chosen(
    viewer: User | None, with_live: bool, host: int | None, public_ids: Collection[str]
) -> SpaceQuerySet:
    """Return the Spaces to fetch, each with `is_listed` and `is_next`."""
    if with_live and not public_ids and not host:
        return live_for(viewer).annotate(is_listed=Value(True), is_next=Value(False))
    wanted = Q(public_id__in=public_ids)
    is_listed: Exists | Value = Value(False)
    is_next: Q | Value = Value(False)
    if with_live:
        is_listed = Exists(live_for(viewer).filter(pk=OuterRef("pk")))
        wanted |= Q(is_listed=True)
    if host:
        coming = upcoming_for(viewer).filter(host=host).order_by("scheduled_for", "pk")
        is_next = Q(pk=Subquery(coming.values("pk")[:1]))
        wanted |= Q(is_next=True)
    visible = Space.objects.visible_to(viewer)
    return visible.annotate(is_listed=is_listed, is_next=is_next).filter(wanted)
