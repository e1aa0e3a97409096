"""What a datagram is, by its first byte (RFC 7983 §7), and whether it is RTCP (RFC 5761 §4).

0-3  STUN        20-63  DTLS        128-191  RTP or RTCP (version 2 in the upper two bits)
"""

from enum import Enum, auto

MAX_DATAGRAM = 1500  # DESIGN §4.1.
MIN_RTP = 12
MIN_RTCP = 8


class Protocol(Enum):
    STUN = auto()
    DTLS = auto()
    MEDIA = auto()
    UNKNOWN = auto()


def _by_first_byte() -> tuple[Protocol, ...]:
    table = [Protocol.UNKNOWN] * 256
    table[0:4] = [Protocol.STUN] * 4
    table[20:64] = [Protocol.DTLS] * 44
    table[128:192] = [Protocol.MEDIA] * 64
    return tuple(table)


BY_FIRST_BYTE = _by_first_byte()


def is_rtcp(second: int) -> bool:
    """Tell RTCP from RTP by the second byte.

    RTCP types 192-223 would be payload types 64-95 with the marker bit set.
    """
    return 192 <= second <= 223
