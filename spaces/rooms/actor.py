"""Who asks something of a room."""

from dataclasses import dataclass, replace

from spaces.rooms.state import Room


@dataclass(frozen=True)
class Actor:
    """Who asks.

    `id` None is a visitor without an account, unless `is_system`: the server's own clock.
    `is_staff` of one whose socket stays open says that they may moderate while they are staff
    (`as_of`).
    """

    id: int | None
    is_staff: bool = False
    is_system: bool = False

    def as_of(self, room: Room) -> "Actor":
        """Return the actor as staff only if their row says so: the role may have been taken away
        since their socket opened.
        """
        person = room.people.get(self.id) if self.id is not None else None
        return replace(self, is_staff=self.is_staff and person is not None and person.is_staff)


SYSTEM = Actor(None, is_system=True)
VISITOR = Actor(None)
