"""The RTP header, read and changed in place (RFC 3550 §5.1). No object is made per packet.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
    |                           timestamp                           |
    |                             SSRC                              |
    |                      CSRC × CC, extension                     |
    |               payload, padding, count of padding (if P)       |

Every function takes the buffer a datagram was received into and, where it matters, the packet's
`length` in it: the buffer is usually longer. Readers without `length` expect that `header_length`
has accepted the packet before.
"""

from struct import Struct

Readable = bytes | bytearray | memoryview
Writable = bytearray | memoryview

HEADER_BYTES = 12
MAX_PADDING = 255  # The count is the last byte of the packet (RFC 3550 §5.1).

_NUMBERS = Struct("!HII")
_WORD = Struct("!I")
_HALF = Struct("!H")


def header_length(buf: Readable, length: int) -> int:
    """Return where the payload begins: fixed header, CSRCs and extension.

    Raises ValueError if that is cut short.
    """
    if length < HEADER_BYTES:
        raise ValueError("RTP header is truncated")
    first = buf[0]
    if first >> 6 != 2:  # V.
        raise ValueError("not RTP version 2")
    size = HEADER_BYTES + 4 * (first & 0x0F)  # CC words of contributing sources.
    if first & 0x10:  # X: two bytes of profile, two of length in words.
        if length < size + 4:
            raise ValueError("RTP header extension is truncated")
        size += 4 + 4 * (buf[size + 2] << 8 | buf[size + 3])
    if length < size:
        raise ValueError("RTP header extension is truncated")
    return size


def payload_range(buf: Readable, length: int) -> tuple[int, int]:
    """Return start and end of the payload, without padding.

    They are equal in a packet that is padding alone. Raises ValueError on a truncated header or a
    padding count that is zero or larger than the packet.
    """
    start = header_length(buf, length)
    if not buf[0] & 0x20:  # P.
        return start, length
    end = length - buf[length - 1]
    if end == length or end < start:
        raise ValueError("RTP padding is longer than the packet")
    return start, end


def marker(buf: Readable) -> bool:
    return buf[1] >= 0x80


def payload_type(buf: Readable) -> int:
    return buf[1] & 0x7F


def sequence_number(buf: Readable) -> int:
    return buf[2] << 8 | buf[3]


def timestamp(buf: Readable) -> int:
    return int(_WORD.unpack_from(buf, 4)[0])


def ssrc(buf: Readable) -> int:
    return int(_WORD.unpack_from(buf, 8)[0])


def set_payload_type(buf: Writable, value: int) -> None:
    buf[1] = buf[1] & 0x80 | value


def set_sequence_number(buf: Writable, value: int) -> None:
    _HALF.pack_into(buf, 2, value)


def set_ssrc(buf: Writable, value: int) -> None:
    _WORD.pack_into(buf, 8, value)


def set_numbers(buf: Writable, sequence: int, timestamp_rtp: int, ssrc: int) -> None:
    """Write sequence number, timestamp and SSRC in one go; they lie side by side."""
    _NUMBERS.pack_into(buf, 2, sequence, timestamp_rtp, ssrc)


def pad_to(buf: Writable, length: int, padded: int) -> int:
    """Lengthen a packet to `padded` bytes with RTP padding and return its new length.

    Padding that is there already grows. The packet keeps its length where `padded` is shorter.
    Raises ValueError when the padding would pass 255 bytes or the end of the buffer.
    """
    extra = padded - length
    if extra <= 0:
        return length
    # The count covers what was there before and itself.
    count = extra + (buf[length - 1] if buf[0] & 0x20 else 0)
    if count > MAX_PADDING or padded > len(buf):
        raise ValueError("RTP padding does not fit")
    buf[length:padded] = bytes(extra)
    buf[padded - 1] = count
    buf[0] |= 0x20
    return padded


def padding_packet(payload_type: int, sequence: int, timestamp_rtp: int, ssrc: int) -> bytes:
    """Return a packet of padding alone: it carries its numbers and nothing to play."""
    # 0xA0 is version 2 with the P bit; the padding is four bytes, as its last one says.
    return bytes((0xA0, payload_type)) + _NUMBERS.pack(sequence, timestamp_rtp, ssrc) + b"\0\0\0\4"
