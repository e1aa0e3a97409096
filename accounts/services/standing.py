"""How a viewer and a person stand to each other, and how known the person is: one query for the head of a profile."""

from dataclasses import dataclass

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Block, Follow, FollowRequest, Mute, User
from accounts.services.relationships import Relation


@dataclass(frozen=True)
class Standing:
    relation: Relation
    follows_viewer: bool
    is_muted: bool
    following_count: int
    follower_count: int


def standing(viewer: User | None, person: User) -> Standing:
    """Return how `viewer` (None: a visitor) stands to `person`. Raises User.DoesNotExist if the row is gone."""
    me = viewer.pk if viewer and viewer.pk else 0  # No account has id 0, so a visitor stands to nobody.
    facts = User.objects.filter(pk=person.pk).annotate(
        blocks=Exists(Block.objects.filter(blocker=me, blocked=OuterRef("pk"))),
        is_blocked=Exists(Block.objects.filter(blocker=OuterRef("pk"), blocked=me)),
        follows=Exists(Follow.objects.filter(follower=me, followed=OuterRef("pk"))),
        has_asked=Exists(FollowRequest.objects.filter(follower=me, followed=OuterRef("pk"))),
        follows_viewer=Exists(Follow.objects.filter(follower=OuterRef("pk"), followed=me)),
        is_muted=Exists(Mute.objects.filter(muter=me, muted=OuterRef("pk"))),
        following=_count(Follow.objects.filter(follower=OuterRef("pk"), followed__is_active=True), "follower"),
        followers=_count(Follow.objects.filter(followed=OuterRef("pk"), follower__is_active=True), "followed"),
    )
    row = facts.values(*facts.query.annotations).get()
    return Standing(
        relation="self" if me == person.pk else _relation(row),
        follows_viewer=row["follows_viewer"],
        is_muted=row["is_muted"],
        following_count=row["following"],
        follower_count=row["followers"],
    )


def _count(rows: QuerySet[Follow], by: str) -> Coalesce:
    """Count `rows` in a subquery; joined counts of two relations would multiply each other."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _relation(row: dict[str, bool]) -> Relation:
    """A block wins over everything, one's own over the other's."""
    for fact, relation in _IN_ORDER:
        if row[fact]:
            return relation
    return "none"


_IN_ORDER: tuple[tuple[str, Relation], ...] = (
    ("blocks", "blocking"),
    ("is_blocked", "blocked"),
    ("follows", "following"),
    ("has_asked", "requested"),
)
