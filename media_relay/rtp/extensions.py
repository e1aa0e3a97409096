"""RTP header extensions, found and taken off in place (RFC 8285).

    the extension as a whole:        |   profile (16 bits)   |   length in words (16 bits)   | …

    one-byte form, profile 0xBEDE:   |  ID   | len-1 | data …        ID 0 pads, ID 15 ends
                                       4 bits  4 bits

    two-byte form, profile 0x100x:   |      ID       |      len      | data …        ID 0 pads
                                       8 bits          8 bits

ValueError stands for an element that runs past the end of the extension.
"""

from collections.abc import Iterable

from media_relay.rtp.packet import HEADER_BYTES, Readable, Writable, header_length

ONE_BYTE_PROFILE = 0xBEDE
TWO_BYTE_PROFILE = 0x1000  # The low four bits are "appbits" and may be anything.


def find(buf: Readable, length: int, extension_id: int) -> tuple[int, int] | None:
    """Return offset and length of the data of the first element with this id, or None."""
    if not buf[0] & 0x10:  # The X bit.
        return None
    # Behind the fixed header and the CSRCs (CC in the low four bits), and the four-byte head.
    position = HEADER_BYTES + 4 * (buf[0] & 0x0F) + 4
    end = header_length(buf, length)
    profile = buf[position - 4] << 8 | buf[position - 3]
    one_byte = profile == ONE_BYTE_PROFILE
    if not one_byte and profile & 0xFFF0 != TWO_BYTE_PROFILE:
        return None
    while position < end:
        number = buf[position]
        if number == 0:  # Padding.
            position += 1
            continue
        if one_byte:
            data = position + 1
            behind = data + (number & 0x0F) + 1  # The field counts one less than there is.
            number >>= 4
            # "ID 0 with a length" and ID 15 both end the list (RFC 8285 §4.2).
            if number in (0, 15):
                return None
        else:
            data = position + 2
            behind = data + buf[position + 1] if data <= end else end + 1
        if behind > end:
            raise ValueError("RTP header extension element is truncated")
        if number == extension_id:
            return data, behind - data
        position = behind
    return None


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
    # A copy first: source and destination overlap in one buffer.
    buf[start:stripped] = bytes(buf[end:length])
    buf[0] &= 0xEF  # Clear the X bit.
    return stripped


def build(elements: Iterable[tuple[int, bytes]]) -> bytes:
    """Return a whole extension with its four-byte head.

    In the one-byte form where ids and lengths of all elements fit into it.
    """
    items = list(elements)
    if all(1 <= number <= 14 and 1 <= len(data) <= 16 for number, data in items):
        profile = ONE_BYTE_PROFILE
        body = b"".join(bytes((number << 4 | len(data) - 1,)) + data for number, data in items)
    else:
        profile = TWO_BYTE_PROFILE
        body = b"".join(bytes((number, len(data))) + data for number, data in items)
    body += bytes(-len(body) % 4)  # Whole words.
    return profile.to_bytes(2, "big") + (len(body) // 4).to_bytes(2, "big") + body
