"""The viewer's relation to a person and their followers' number, in the query that finds them."""

from dataclasses import dataclass

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Block, Follow, FollowRequest, Mute, User
from accounts.models.user import not_away
from accounts.services.relationships import Relation
from config.db import prepared


@dataclass(frozen=True)
class ProfileFacts:
    """`relation` is the viewer's to the person, and so is `is_muted`."""

    relation: Relation
    follows_viewer: bool
    is_muted: bool
    following_count: int
    follower_count: int


def facts_of(viewer: User | None, person: User) -> ProfileFacts:
    """Return what `viewer` (None: a visitor) is told of `person`.

    Raises User.DoesNotExist if the row is gone.
    """
    found = prepared.fetch(_of_row, viewer, person.pk)
    if not found:
        raise User.DoesNotExist
    return _read(viewer, found[0])


def find_with_facts(viewer: User | None, handle: str) -> tuple[User, ProfileFacts] | None:
    """Return who has this handle and is not away, and their facts, in one query."""
    found = prepared.fetch(_of_handle, viewer, handle)
    return (found[0], _read(viewer, found[0])) if found else None


def _of_row(viewer: User | None, pk: int) -> QuerySet[User]:
    return _with_facts(viewer, User.objects.filter(pk=pk))


def _of_handle(viewer: User | None, handle: str) -> QuerySet[User]:
    return _with_facts(viewer, User.objects.not_away().by_handle(handle))


def _with_facts(viewer: User | None, people: QuerySet[User]) -> QuerySet[User]:
    # No account has id 0, so a visitor has no relation to any person.
    me = viewer.pk if viewer and viewer.pk else 0
    return people.annotate(
        fact_blocks=Exists(Block.objects.filter(blocker=me, blocked=OuterRef("pk"))),
        fact_blocked=Exists(Block.objects.filter(blocker=OuterRef("pk"), blocked=me)),
        fact_follows=Exists(Follow.objects.filter(follower=me, followed=OuterRef("pk"))),
        fact_asked=Exists(FollowRequest.objects.filter(follower=me, followed=OuterRef("pk"))),
        fact_follows_viewer=Exists(Follow.objects.filter(follower=OuterRef("pk"), followed=me)),
        fact_muted=Exists(Mute.objects.filter(muter=me, muted=OuterRef("pk"))),
        fact_following=_count(
            Follow.objects.filter(not_away("followed"), follower=OuterRef("pk")), "follower"
        ),
        fact_followers=_count(
            Follow.objects.filter(not_away("follower"), followed=OuterRef("pk")), "followed"
        ),
    )


def _count(rows: QuerySet[Follow], by: str) -> Coalesce:
    """Count `rows` in a subquery; joined counts of two relations would multiply each other."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _read(viewer: User | None, person: User) -> ProfileFacts:
    facts = vars(person)
    relation: Relation = "none"
    # A block wins over everything, the viewer's own over the other's.
    if viewer and viewer.pk == person.pk:
        relation = "self"
    elif facts["fact_blocks"]:
        relation = "blocking"
    elif facts["fact_blocked"]:
        relation = "blocked"
    elif facts["fact_follows"]:
        relation = "following"
    elif facts["fact_asked"]:
        relation = "requested"
    return ProfileFacts(
        relation=relation,
        follows_viewer=facts["fact_follows_viewer"],
        is_muted=facts["fact_muted"],
        following_count=facts["fact_following"],
        follower_count=facts["fact_followers"],
    )
