"""What becomes of somebody's Spaces when they delete their account: the live one ends, planned ones
are called off.
"""

from collections.abc import Callable

from accounts.models import User
from spaces.models import Space
from spaces.rooms.errors import RoomError
from spaces.services import scheduling


def leave(person: User) -> None:
    """As the host, while they still are: everybody in the room and every subscriber is told as
    always.
    """
    hosted = Space.objects.filter(host=person)
    for space in hosted.filter(state=Space.State.LIVE):
        _try(scheduling.end, space, person)
    for space in hosted.filter(state__in=(Space.State.SCHEDULED, Space.State.GREEN)):
        _try(scheduling.cancel, space, person)


def _try(do: Callable[[Space, User], Space], space: Space, person: User) -> None:
    try:
        do(space, person)
    except RoomError:  # It ended, or somebody else is its host, since we looked.
        return
