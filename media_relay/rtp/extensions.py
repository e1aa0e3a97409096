"""RTP header extensions, found and blanked in place (RFC 8285).

    one-byte form, profile 0xBEDE:   |  ID   | len-1 | data …        ID 0 pads, ID 15 ends
    two-byte form, profile 0x100x:   |      ID       |      len      | data …        ID 0 pads

Blanking turns an element into padding, so nothing behind it moves and no length changes. Any
function here raises ValueError when an element runs past the end of the extension.
"""

from collections.abc import Iterable

from media_relay.rtp.packet import HEADER_BYTES, Readable, Writable, header_length

ONE_BYTE_PROFILE = 0xBEDE
TWO_BYTE_PROFILE = 0x1000  # The low four bits are "appbits" and may be anything.

# id, offset of its header, offset of its data, offset behind it
Element = tuple[int, int, int, int]


def find(buf: Readable, length: int, extension_id: int) -> tuple[int, int] | None:
    """Return offset and length of the data of the first element with this id, or None."""
    if not buf[0] & 0x10:
        return None
    position, end, one_byte = _bounds(buf, length)
    while (element := _next(buf, position, end, one_byte)) is not None:
        if element[0] == extension_id:
            return element[2], element[3] - element[2]
        position = element[3]
    return None


def blank(buf: Writable, length: int, extension_id: int) -> bool:
    """Overwrite every element with this id by padding. Returns whether there was one."""
    return _blank_where(buf, length, frozenset((extension_id,)), wanted=False)


def keep_only(buf: Writable, length: int, keep: frozenset[int]) -> bool:
    """Overwrite every element whose id is not in `keep`, and whatever follows an end mark.

    True if any was.
    """
    return _blank_where(buf, length, keep, wanted=True)


def strip(buf: Writable, length: int) -> int:
    """Take the whole extension out, whatever its form, and return the packet's new length.

    It costs every listener a dozen bytes a packet, a tenth of a voice. Raises ValueError on a
    truncated header.
    """
    if not buf[0] & 0x10:
        return length
    start = HEADER_BYTES + 4 * (buf[0] & 0x0F)
    end = header_length(buf, length)
    stripped = length - (end - start)
    buf[start:stripped] = bytes(buf[end:length])
    buf[0] &= 0xEF
    return stripped


def build(elements: Iterable[tuple[int, bytes]]) -> bytes:
    """Return a whole extension with its four-byte head, in the one-byte form where the elements
    allow it.
    """
    items = list(elements)
    if all(1 <= number <= 14 and 1 <= len(data) <= 16 for number, data in items):
        profile = ONE_BYTE_PROFILE
        body = b"".join(bytes((number << 4 | len(data) - 1,)) + data for number, data in items)
    else:
        profile = TWO_BYTE_PROFILE
        body = b"".join(bytes((number, len(data))) + data for number, data in items)
    body += bytes(-len(body) % 4)
    return profile.to_bytes(2, "big") + (len(body) // 4).to_bytes(2, "big") + body


def _bounds(buf: Readable, length: int) -> tuple[int, int, bool]:
    """Return where the elements begin and end and whether they are in the one-byte form; an empty
    range if unknown.
    """
    start = HEADER_BYTES + 4 * (buf[0] & 0x0F) + 4
    end = header_length(buf, length)
    profile = buf[start - 4] << 8 | buf[start - 3]
    if profile == ONE_BYTE_PROFILE:
        return start, end, True
    return (start, end, False) if profile & 0xFFF0 == TWO_BYTE_PROFILE else (end, end, True)


def _next(buf: Readable, position: int, end: int, one_byte: bool) -> Element | None:
    """Return the element at or behind `position`, or None at the end or at a mark that ends the
    list early.
    """
    while position < end and buf[position] == 0:
        position += 1
    if position >= end:
        return None
    number, data, behind = buf[position], position + 2, 0
    if one_byte:
        # "ID 0 with a length" and ID 15 both end the list (RFC 8285 §4.2).
        number, data, behind = number >> 4, position + 1, position + 2 + (number & 0x0F)
        if number in (0, 15):
            return None
    elif data <= end:
        behind = data + buf[position + 1]
    if not 0 < behind <= end:
        raise ValueError("RTP header extension element is truncated")
    return number, position, data, behind


def _blank_where(buf: Writable, length: int, ids: frozenset[int], *, wanted: bool) -> bool:
    """Blank the elements whose membership in `ids` is not `wanted`."""
    if not buf[0] & 0x10:
        return False
    position, end, one_byte = _bounds(buf, length)
    blanked = False
    while (element := _next(buf, position, end, one_byte)) is not None:
        position = element[3]
        if (element[0] in ids) is not wanted:
            buf[element[1] : position] = bytes(position - element[1])
            blanked = True
    if wanted and any(buf[position:end]):
        buf[position:end] = bytes(end - position)
        blanked = True
    return blanked
