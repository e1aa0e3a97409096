"""Listeners as people: the faces below the stage and the pages of the people panel."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.services import relationships
from spaces.models import Attendance
from spaces.rooms import people, state

PAGE = 50


@dataclass(frozen=True)
class Listed:
    """One listener as somebody sees them; `follows_me` and `is_followed` are from the viewer's side."""

    person: state.Person
    follows_me: bool
    is_followed: bool

    @property
    def relation(self) -> str:
        if self.follows_me and self.is_followed:
            return "mutual"
        if self.follows_me:
            return "follows_you"
        return "you_follow" if self.is_followed else ""


def first_of(space_id: str, here: Sequence[int], limit: int) -> list[state.Person]:
    """Return the first `limit` of those `here`, in the order they first came."""
    return [people.person(row.user) for row in _rows(space_id, here, 0)[:limit]]


def page_for(viewer_id: int | None, space_id: str, here: Sequence[int], after: int) -> tuple[list[Listed], int | None]:
    """Return a page of those `here`, and where the next one begins (None: this was the last)."""
    rows = _rows(space_id, here, after)[: PAGE + 1]
    shown, more = rows[:PAGE], len(rows) > PAGE
    ids = [row.user_id for row in shown]
    followers = relationships.followers_among(viewer_id, ids) if viewer_id is not None else set()
    followed = relationships.followed_among(viewer_id, ids) if viewer_id is not None else set()
    listed = [Listed(people.person(row.user), row.user_id in followers, row.user_id in followed) for row in shown]
    return listed, shown[-1].pk if more else None


def _rows(space_id: str, here: Sequence[int], after: int) -> list[Attendance]:
    rows = Attendance.objects.filter(space__public_id=space_id, user__in=here, user__is_active=True, pk__gt=after)
    return list(rows.select_related("user").order_by("pk")[: PAGE + 1])
