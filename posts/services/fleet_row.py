"""Whose avatar leads to Fleets: rings, the row above the home timeline, the next person's Fleet."""

from dataclasses import astuple, dataclass

from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.extension_points.avatar_rings import Ring
from accounts.models import Follow, User
from accounts.models.user import UserQuerySet
from config.db import prepared
from config.http import request_cache
from posts.models import Fleet

# Authors that are looked up for rings, the newest. A page shows far fewer avatars.
MOST_AUTHORS = 500
FLEETS_PER_AUTHOR = 4  # So many rows are read for each of them, on average.
# A follow or a block may show this late in the rings; looking and publishing show at once.
CACHE_S = 10
SHOWN = 40  # In the row.
# A number in the key of every viewer's entry; one more makes all of them stale.
_GENERATION = "posts:fleets:generation"


@dataclass(frozen=True)
class FleetAuthor:
    """A user with Fleets that the viewer may see. Plain values: they are kept in the cache."""

    person: int
    is_unseen: bool
    is_followed: bool


@dataclass(frozen=True)
class RowItem:
    person: User
    is_unseen: bool

    @property
    def url(self) -> str:
        return _url_of(self.person.pk)


@dataclass(frozen=True)
class Navigation:
    """Who stands before and after a person in the row, and the next one with unseen Fleets."""

    before: RowItem | None
    after: RowItem | None
    next_unseen: RowItem | None


def _url_of(person: int) -> str:
    return reverse("posts:fleets_of", args=[person])


def _key(viewer: User | None) -> str:
    return f"posts:fleets:{viewer.pk if viewer else 'visitor'}"


def _cache_key(viewer: User | None) -> str:
    return f"{_key(viewer)}:{cache.get(_GENERATION, 0)}"


def authors_for(viewer: User | None) -> list[FleetAuthor]:
    """Return everybody with Fleets that the viewer may see, the latest Fleet first."""
    # Home asks three times: for the rings, for the row and for the viewer's own.
    return request_cache.once(_key(viewer), lambda: _read_authors(viewer))


def _read_authors(viewer: User | None) -> list[FleetAuthor]:
    key = _cache_key(viewer)
    cached: list[tuple[int, bool, bool]] | None = cache.get(key)
    if cached is not None:
        return [FleetAuthor(*values) for values in cached]
    found: dict[int, FleetAuthor] = {}
    for author, is_seen, is_followed in prepared.fetch(_fleets, viewer):
        known = found.get(author)
        is_unseen = not is_seen or (known is not None and known.is_unseen)
        found[author] = FleetAuthor(author, is_unseen, is_followed)
    authors = list(found.values())[:MOST_AUTHORS]
    cache.set(key, [list(astuple(author)) for author in authors], CACHE_S)
    return authors


def _fleets(viewer: User | None) -> QuerySet[Fleet, tuple[int, bool, bool]]:
    # No user has the id 0: visitors follow nobody.
    follower = viewer.pk if viewer else 0
    followed = Follow.objects.filter(follower=follower, followed=OuterRef("author"))
    fleets = Fleet.objects.visible_to(viewer).without_muted(viewer).with_seen_by(viewer)
    rows = fleets.annotate(is_followed=Exists(followed)).order_by("-id")
    columns = rows.values_list("author_id", "is_seen", "is_followed")
    return columns[: MOST_AUTHORS * FLEETS_PER_AUTHOR]


def forget(viewer: User) -> None:
    """Drop what is cached for this viewer, who has seen a Fleet."""
    cache.delete(_cache_key(viewer))
    request_cache.forget(_key(viewer))


def renew() -> None:
    """Drop what is cached for everybody: a Fleet came or went."""
    # `incr` fails for a key that is not there. It never expires: begun again at 0, it would make
    # entries of an earlier generation valid for the rest of their time.
    cache.add(_GENERATION, 0, None)
    cache.incr(_GENERATION)


def rings(viewer: User | None) -> dict[int, Ring]:
    """Return a ring for each avatar whose user has Fleets, by the user's id (RULES §1).

    Ids alone: the rows of users are not read. See accounts/extension_points/avatar_rings.py.
    """
    found = {}
    for author in authors_for(viewer):
        url = _url_of(author.person)
        found[author.person] = Ring(url, "fleet") if author.is_unseen else Ring(url, "seen")
    return found


def _followed(viewer: User | None) -> list[FleetAuthor]:
    return [author for author in authors_for(viewer) if author.is_followed]


def row_for(viewer: User) -> list[RowItem]:
    """Return the row above the home timeline: followed authors, those with unseen Fleets first."""
    # Sorting is stable: among each kind the latest Fleet stays in front.
    authors = sorted(_followed(viewer), key=lambda author: not author.is_unseen)[:SHOWN]
    if not authors:
        return []
    ids = frozenset(author.person for author in authors)
    people = {one.pk: one for one in prepared.fetch(_people, viewer, ids)}
    return [
        RowItem(people[author.person], author.is_unseen)
        for author in authors
        if author.person in people
    ]


def _people(viewer: User, ids: frozenset[int]) -> UserQuerySet:
    people: UserQuerySet = User.objects.visible_to(viewer).filter(pk__among=ids)
    return people


def has_own(viewer: User) -> bool:
    return any(author.person == viewer.pk for author in authors_for(viewer))


def navigation_for(viewer: User | None, person: User) -> Navigation:
    """Return where one can go from `person`'s Fleets: among followed authors, latest Fleet first.

    Looking at a Fleet does not change this order.
    """
    row = _followed(viewer)
    ids = [author.person for author in row]
    if viewer is None or person.pk not in ids:
        return Navigation(None, None, None)
    at = ids.index(person.pk)
    before = ids[at - 1] if at > 0 else 0
    after = ids[at + 1] if at + 1 < len(ids) else 0
    # From here to the end, then round to those that were passed over.
    onward = row[at + 1 :] + row[:at]
    next_unseen = next((author.person for author in onward if author.is_unseen), 0)
    people = User.objects.visible_to(viewer).in_bulk({before, after, next_unseen} - {0})
    items = {
        author.person: RowItem(people[author.person], author.is_unseen)
        for author in row
        if author.person in people
    }
    return Navigation(items.get(before), items.get(after), items.get(next_unseen))
