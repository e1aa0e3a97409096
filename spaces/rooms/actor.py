"""Who asks something of a room."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Who asks.

    `id` None is a visitor without an account, unless `is_system`: the server's own clock.
    """

    id: int | None
    is_staff: bool = False
    is_system: bool = False


SYSTEM = Actor(None, is_system=True)
VISITOR = Actor(None)
