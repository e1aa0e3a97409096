"""Lists of people in a room: below the stage, in the people panel, and who was removed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.models.user import not_away
from accounts.services import relationships
from spaces.models import Attendance, Ban
from spaces.rooms import people, snapshot, state
from spaces.rooms.shapes import Relation

PAGE = 50
MOST_REMOVED = 200
MOST_LEFT = 50


@dataclass(frozen=True)
class Listener:
    """A listener as one viewer sees them.

    `follows_me` and `is_followed` are from the viewer's side.
    """

    person: state.Person
    follows_me: bool
    is_followed: bool

    @property
    def role(self) -> state.Role:
        """Staff are marked as moderators wherever they listen."""
        return state.Role.MODERATOR if self.person.is_staff else state.Role.LISTENER

    @property
    def relation(self) -> Relation:
        """The word of PROTOCOL.md for how the listener and the viewer follow each other."""
        return snapshot.relation(follows=self.follows_me, is_followed=self.is_followed)


@dataclass(frozen=True)
class RemovedUser:
    """A user who may not come back. `by` is None if that account is gone."""

    person: state.Person
    by: state.Person | None
    at: datetime


def first_listeners(space_id: str, here: Sequence[int], limit: int) -> list[state.Person]:
    """Return the first `limit` of the users `here`, in the order they first came."""
    return [people.person(row.user) for row in _attendances(space_id, here, after=0)[:limit]]


def listeners_page(
    viewer_id: int | None, space_id: str, here: Sequence[int], after: int
) -> tuple[list[Listener], int | None]:
    """Return a page of the users `here`, and where the next one begins (None: this was the last).

    `after` is what the page before returned, 0 for the first.
    """
    rows = _attendances(space_id, here, after)
    shown = rows[:PAGE]
    # One row more than a page was fetched, only to know whether there is another page.
    ids = [row.user_id for row in shown]
    followers: set[int] = set()
    followed: set[int] = set()
    if viewer_id is not None:
        followers = relationships.followers_among(viewer_id, ids)
        followed = relationships.followed_among(viewer_id, ids)
    listeners = [
        Listener(
            people.person(row.user),
            follows_me=row.user_id in followers,
            is_followed=row.user_id in followed,
        )
        for row in shown
    ]
    has_more = len(rows) > PAGE
    return listeners, shown[-1].pk if has_more else None


def names(ids: Collection[int]) -> dict[int, str]:
    """Return the names of users; an account that is gone has none."""
    return {user.pk: user.name for user in User.objects.filter(pk__in=ids)}


def removed_from(space_id: str) -> list[RemovedUser]:
    """Return who was removed, the newest first."""
    bans = Ban.objects.filter(space__public_id=space_id).select_related("user", "by")
    return [
        RemovedUser(
            people.person(row.user), people.person(row.by) if row.by else None, row.created_at
        )
        for row in bans.order_by("-pk")[:MOST_REMOVED]
    ]


def recently_left(space_id: str, here: Sequence[int]) -> list[state.Person]:
    """Return who came last and is gone again, staff left out.

    They can still be removed, so that they do not come back.
    """
    bans = Ban.objects.filter(space__public_id=space_id)
    gone = (
        Attendance.objects.filter(not_away("user"), space__public_id=space_id, user__is_staff=False)
        .exclude(user__in=here)
        .exclude(user__in=bans.values("user"))
        .select_related("user")
    )
    return [people.person(row.user) for row in gone.order_by("-pk")[:MOST_LEFT]]


def _attendances(space_id: str, here: Sequence[int], after: int) -> list[Attendance]:
    """Return one row more than a page has, which tells whether there is another page."""
    rows = Attendance.objects.filter(
        not_away("user"), space__public_id=space_id, user__in=here, pk__gt=after
    )
    return list(rows.select_related("user").order_by("pk")[: PAGE + 1])
