"""Who is on stage and the topics of Spaces: what their cards draw beside the rows themselves.

As `with_people()` fetches them, by prepared queries (`config.db.prepared`), which hold no others.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Follow, User
from config.db import prepared
from spaces.models import Seat, Space

_SpaceTopic = Space.topics.through


def attach(spaces: list[Space], viewer: User | None) -> None:
    """Give each of `spaces` its seats, each with `is_followed` (by the viewer), and its topics."""
    if not spaces:
        return
    ids = frozenset(space.pk for space in spaces)
    seats, topics = defaultdict(list), defaultdict(list)
    for seat in prepared.fetch(_seats, viewer, ids):
        seats[seat.space_id].append(seat)
    for row in prepared.fetch(_topics, ids):
        topics[row.space_id].append(row.topic)
    for space in spaces:
        _keep(space, "seats", space.seats.all(), seats[space.pk])
        _keep(space, "topics", space.topics.all(), topics[space.pk])


def _seats(viewer: User | None, spaces: frozenset[int]) -> QuerySet[Seat]:
    # No user has the id 0: visitors follow nobody.
    follows = Follow.objects.filter(follower=viewer.pk if viewer and viewer.pk else 0)
    seats = Seat.objects.filter(space__among=spaces).select_related("user")
    return seats.annotate(is_followed=Exists(follows.filter(followed=OuterRef("user"))))


# Any: the row of a many-to-many field, which is Django's own.
def _topics(spaces: frozenset[int]) -> QuerySet[Any]:
    rows = _SpaceTopic.objects.filter(space__among=spaces).select_related("topic")
    return rows.order_by("topic__key")


def _keep(space: Space, name: str, rows: Any, found: Iterable[Any]) -> None:
    """Have `space.<name>.all()` return `found`, as Django's `prefetch_related` does."""
    vars(rows).update(_result_cache=list(found), _prefetch_done=True)
    vars(space).setdefault("_prefetched_objects_cache", {})[name] = rows
