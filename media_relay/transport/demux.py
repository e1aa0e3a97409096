"""What a datagram is, by its first byte (RFC 7983 §7), and which half of RTP it is (RFC 5761 §4)."""

from enum import Enum, auto

MAX_DATAGRAM = 1500  # DESIGN §4.1.
MIN_RTP = 12
MIN_RTCP = 8


class Protocol(Enum):
    STUN = auto()
    DTLS = auto()
    MEDIA = auto()
    UNKNOWN = auto()


def _protocol(first: int) -> Protocol:
    if first <= 3:
        return Protocol.STUN
    if 20 <= first <= 63:
        return Protocol.DTLS
    if 128 <= first <= 191:
        return Protocol.MEDIA
    return Protocol.UNKNOWN


BY_FIRST_BYTE = tuple(_protocol(first) for first in range(256))


def is_rtcp(second: int) -> bool:
    """Tell RTCP from RTP by the second byte:

    RTCP types 192-223 are payload types 64-95 with the marker bit set.
    """
    return 192 <= second <= 223
