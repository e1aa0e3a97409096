"""Where the next page of a list begins, as it travels in addresses of pages and API."""

import base64
import binascii
import struct

from django.core.exceptions import BadRequest
from django.utils.translation import gettext_lazy as _

MOST_ID = 2**63 - 1  # What an id's column holds.


class BadCursor(BadRequest):
    """An address that names no page of the list; answered with 400."""

    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__(_("This address leads to no page of the list."))


def encode(*numbers: int) -> str:
    """Return `numbers` (64 bits, signed) as text without anything that an address would escape."""
    packed = struct.pack(f">{len(numbers)}q", *numbers)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(raw: str, count: int) -> tuple[int, ...]:
    """Return the `count` numbers in `raw`. Raises BadCursor for what `encode` did not make."""
    try:
        packed = base64.b64decode(raw + "=" * (-len(raw) % 4), b"-_", validate=True)
        numbers = struct.unpack(f">{count}q", packed)
    except (ValueError, binascii.Error, struct.error):
        raise BadCursor from None
    if encode(*numbers) != raw:  # Bits beyond the last byte were set.
        raise BadCursor
    return numbers


def parse_id(raw: str) -> int | None:
    """Return the id in `raw`; None, which is the first page, for an empty one.

    Raises BadCursor for anything else.
    """
    if not raw:
        return None
    if not (raw.isascii() and raw.isdecimal()) or len(raw) > 19 or int(raw) > MOST_ID:
        raise BadCursor
    return int(raw)
