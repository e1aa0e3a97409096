"""What may be a title."""

from config.limits import Limits
from config.text import line
from spaces.rooms.errors import ErrorCode, RoomError


def clean_title(title: str, limits: Limits) -> str:
    """Return `title` as it is stored. Raises RoomError bad_title."""
    cleaned = line(title)
    if not 1 <= len(cleaned) <= limits.space_title_chars:
        raise RoomError(ErrorCode.BAD_TITLE)
    return cleaned
