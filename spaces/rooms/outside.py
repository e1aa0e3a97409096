"""Commands by which a room hears of what happened outside of it."""

from spaces.rooms.commands import Aimed, RoomCommand


class Refresh(RoomCommand, frozen=True):
    """What the room shows of these `people`, or of the posts pinned in it, is another now."""

    people: frozenset[int] = frozenset()
    pins: bool = False


class LoseLogin(Aimed, frozen=True):
    """The log-in of this user's `page` has ended."""

    page: str
