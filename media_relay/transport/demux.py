"""What a datagram is, by its first byte (RFC 7983 §7), and whether it is RTCP (RFC 5761 §4).

0-3  STUN        20-63  DTLS        128-191  RTP or RTCP (version 2 in the upper two bits)
"""

from enum import Enum, auto

MAX_DATAGRAM = 1500  # DESIGN §4.1.
MIN_RTP = 12  # The fixed header (RFC 3550 §5.1).
MIN_RTCP = 8  # The header and the sender's SSRC, which SRTCP leaves clear (RFC 3711 §3.4).


class Protocol(Enum):
    STUN = auto()
    DTLS = auto()
    MEDIA = auto()
    UNKNOWN = auto()


# A table: one look instead of comparisons for every datagram.
BY_FIRST_BYTE = (
    [Protocol.STUN] * 4
    + [Protocol.UNKNOWN] * 16
    + [Protocol.DTLS] * 44
    + [Protocol.UNKNOWN] * 64
    + [Protocol.MEDIA] * 64
    + [Protocol.UNKNOWN] * 64
)


def is_rtcp(second: int) -> bool:
    """Tell RTCP from RTP by the second byte.

    RTCP types 192-223 would be payload types 64-95 with the marker bit set.
    """
    return 192 <= second <= 223
