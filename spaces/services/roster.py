"""People of a room in lists: the faces below the stage, the pages of the people panel, who was
removed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.services import relationships
from spaces.models import Attendance, Ban
from spaces.rooms import people, state

PAGE = 50
MOST_REMOVED = 200
MOST_LEFT = 50


@dataclass(frozen=True)
class Listed:
    """One listener as somebody sees them; `follows_me` and `is_followed` are from the viewer's
    side.
    """

    person: state.Person
    follows_me: bool
    is_followed: bool

    @property
    def role(self) -> state.Role:
        """Staff are marked as moderators wherever they listen."""
        return state.Role.MODERATOR if self.person.is_staff else state.Role.LISTENER

    @property
    def relation(self) -> str:
        if self.follows_me and self.is_followed:
            return "mutual"
        if self.follows_me:
            return "follows_you"
        return "you_follow" if self.is_followed else ""


@dataclass(frozen=True)
class Removed:
    """Somebody who may not come back. `by` is None if that account is gone."""

    person: state.Person
    by: state.Person | None
    at: datetime


def first_of(space_id: str, here: Sequence[int], limit: int) -> list[state.Person]:
    """Return the first `limit` of those `here`, in the order they first came."""
    return [people.person(row.user) for row in _rows(space_id, here, 0)[:limit]]


def page_for(
    viewer_id: int | None, space_id: str, here: Sequence[int], after: int
) -> tuple[list[Listed], int | None]:
    """Return a page of those `here`, and where the next one begins (None: this was the last)."""
    rows = _rows(space_id, here, after)[: PAGE + 1]
    shown, more = rows[:PAGE], len(rows) > PAGE
    ids = [row.user_id for row in shown]
    followers = relationships.followers_among(viewer_id, ids) if viewer_id is not None else set()
    followed = relationships.followed_among(viewer_id, ids) if viewer_id is not None else set()
    listed = [
        Listed(people.person(row.user), row.user_id in followers, row.user_id in followed)
        for row in shown
    ]
    return listed, shown[-1].pk if more else None


def names(ids: Collection[int]) -> dict[int, str]:
    """Return what people are called; nobody for an account that is gone."""
    return {user.pk: user.name for user in User.objects.filter(pk__in=ids)}


def removed_from(space_id: str) -> list[Removed]:
    """Return who was removed, the newest first."""
    rows = (
        Ban.objects.filter(space__public_id=space_id)
        .select_related("user", "by")
        .order_by("-pk")[:MOST_REMOVED]
    )
    return [
        Removed(people.person(row.user), people.person(row.by) if row.by else None, row.created_at)
        for row in rows
    ]


def left(space_id: str, here: Sequence[int]) -> list[state.Person]:
    """Return who came last and is gone again: they can still be removed, so that they do not come
    back. No staff.
    """
    came = Attendance.objects.filter(
        space__public_id=space_id, user__is_active=True, user__is_staff=False
    )
    gone = came.exclude(user__in=here)
    rows = gone.exclude(
        user__in=Ban.objects.filter(space__public_id=space_id).values("user")
    ).select_related("user")
    return [people.person(row.user) for row in rows.order_by("-pk")[:MOST_LEFT]]


def _rows(space_id: str, here: Sequence[int], after: int) -> list[Attendance]:
    rows = Attendance.objects.filter(
        space__public_id=space_id, user__in=here, user__is_active=True, pk__gt=after
    )
    return list(rows.select_related("user").order_by("pk")[: PAGE + 1])
