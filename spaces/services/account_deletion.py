"""What becomes of a user's Spaces when they delete their account.

The live one ends, planned ones are cancelled.
"""

from contextlib import suppress

from accounts.models import User
from spaces.models import Space
from spaces.rooms.errors import RoomError
from spaces.services import scheduling


def leave(user: User) -> None:
    """End and cancel as the host, while they still are: the room and subscribers hear of it."""
    hosted = Space.objects.filter(host=user)
    for space in hosted.filter(state=Space.State.LIVE):
        with suppress(RoomError):  # It ended, or another user is its host, since we looked.
            scheduling.end(space, user)
    for space in hosted.filter(state__in=(Space.State.SCHEDULED, Space.State.GREEN)):
        with suppress(RoomError):
            scheduling.cancel(space, user)
