"""Whose face leads to a Fleet: rings on avatars, the row above the home timeline, the way from
person to person.
"""

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.extension_points.avatar_rings import Ring
from accounts.models import Follow, User
from posts.models import Fleet

# People with Fleets that are looked at for rings; the newest. A page shows far fewer faces.
FACES = 500
# A follow or a block may show this late in the rings; looking and writing show at once.
CACHE_S = 10
_GENERATION = "posts:fleets:generation"
SHOWN = 40


@dataclass(frozen=True)
class FleetAuthor:
    """That somebody has Fleets the viewer may see. Plain values: it is kept in the cache."""

    person: int
    is_unseen: bool
    is_followed: bool


@dataclass(frozen=True)
class RowItem:
    person: User
    is_unseen: bool

    @property
    def url(self) -> str:
        return reverse("posts:fleets_of", args=[self.person.pk])


def authors_for(viewer: User | None) -> list[FleetAuthor]:
    """Return everybody with Fleets that the viewer may see, whoever put one up last first."""
    key = _key(viewer.pk if viewer else None)
    found: list[FleetAuthor] | None = cache.get(key)
    if found is None:
        found = _look(viewer)
        cache.set(key, found, CACHE_S)
    return found


def forget(viewer: User) -> None:
    """Look anew for this viewer: they have seen something."""
    cache.delete(_key(viewer.pk))


def renew() -> None:
    """Look anew for everybody: a Fleet came or went."""
    cache.add(_GENERATION, 0, None)
    cache.incr(_GENERATION)


def _key(pk: int | None) -> str:
    return f"posts:fleets:{cache.get(_GENERATION, 0)}:{pk or 'visitor'}"


def _look(viewer: User | None) -> list[FleetAuthor]:
    fleets = Fleet.objects.visible_to(viewer).without_muted(viewer).with_seen_by(viewer)
    followed = Follow.objects.filter(
        follower=viewer.pk if viewer else 0, followed=OuterRef("author")
    )
    rows = fleets.annotate(is_followed=Exists(followed)).order_by("-id")
    found: dict[int, FleetAuthor] = {}
    for author, is_seen, is_followed in rows.values_list("author_id", "is_seen", "is_followed")[
        : FACES * 4
    ]:
        known = found.get(author)
        found[author] = FleetAuthor(
            author, not is_seen or (known is not None and known.is_unseen), is_followed
        )
    return list(found.values())[:FACES]


def rings(viewer: User | None) -> dict[int, Ring]:
    """A ring round every face with Fleets (RULES §1); see
    accounts/extension_points/avatar_rings.py. By id: the rows of people are not read.
    """
    return {author.person: _ring(author) for author in authors_for(viewer)}


def _ring(author: FleetAuthor) -> Ring:
    return Ring(
        reverse("posts:fleets_of", args=[author.person]), "fleet" if author.is_unseen else "seen"
    )


def row_for(viewer: User) -> list[RowItem]:
    """The row above the home timeline: people the viewer follows, unseen ones first."""
    shown = [author for author in authors_for(viewer) if author.is_followed]
    shown.sort(key=lambda author: not author.is_unseen)  # Stable: the newest stay in front.
    people = User.objects.visible_to(viewer).in_bulk([author.person for author in shown[:SHOWN]])
    return [
        RowItem(people[author.person], author.is_unseen)
        for author in shown[:SHOWN]
        if author.person in people
    ]


def has_own(viewer: User) -> bool:
    return any(author.person == viewer.pk for author in authors_for(viewer))


@dataclass(frozen=True)
class Navigation:
    """Who stands before and after a person in the row, and who with something unseen comes next."""

    before: RowItem | None
    after: RowItem | None
    next_unseen: RowItem | None


def navigation_for(viewer: User | None, person: User) -> Navigation:
    """Return the neighbours of `person` in an order that looking does not change: whoever wrote
    last comes first.
    """
    row = [author for author in authors_for(viewer) if author.is_followed]
    ids = [author.person for author in row]
    if viewer is None or person.pk not in ids:
        return Navigation(None, None, None)
    at = ids.index(person.pk)
    unseen = [author.person for author in [*row[at + 1 :], *row[:at]] if author.is_unseen]
    wanted = {"before": ids[at - 1] if at else 0, "after": ids[at + 1] if at + 1 < len(ids) else 0}
    wanted["next_unseen"] = unseen[0] if unseen else 0
    people = User.objects.visible_to(viewer).in_bulk(set(wanted.values()) - {0})
    is_unseen = {author.person: author.is_unseen for author in row}
    found = {
        name: RowItem(people[pk], is_unseen[pk]) if pk in people else None
        for name, pk in wanted.items()
    }
    return Navigation(found["before"], found["after"], found["next_unseen"])
