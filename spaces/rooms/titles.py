"""What may be a title."""

import unicodedata

from config.limits import Limits
from spaces.rooms.errors import ErrorCode, RoomError


def clean_title(title: str, limits: Limits) -> str:
    """Return `title` on one line without control and invisible format characters.

    Raises RoomError bad_title.
    """
    # Cf holds the bidirectional overrides, which would turn the rest of a card around; the joiner
    # of emoji stays.
    kept = (
        c if c == "\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") else " "
        for c in title
    )
    cleaned = " ".join("".join(kept).split())
    if not 1 <= len(cleaned) <= limits.space_title_chars or not cleaned.strip("\u200d"):
        raise RoomError(ErrorCode.BAD_TITLE)
    return cleaned
