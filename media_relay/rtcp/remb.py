"""Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 §2.2).

|  'R' 'E' 'M' 'B'  (behind sender SSRC and a zero media SSRC)  |
|  Num SSRC     | BR Exp    |  BR Mantissa, 18 bits             |
|   SSRC × Num SSRC                                             |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct

from media_relay.rtp.packet import Readable

_HEAD = Struct("!4sI")
_WORD = Struct("!I")
MANTISSA_BITS = 18


@dataclass(frozen=True, slots=True)
class Remb:
    """What the receiver believes the path to it carries, for all of `ssrcs` together."""

    sender: int
    bitrate_bps: int
    ssrcs: tuple[int, ...]


def parse(sender: int, data: Readable, start: int, end: int) -> Remb | None:
    """Return the estimate in `data[start:end]`, None for another application's message.

    Raises ValueError if it is truncated.
    """
    if end - start < 4 or bytes(data[start : start + 4]) != b"REMB":
        return None
    if end - start < 8:
        raise ValueError("REMB is truncated")
    _, rest = _HEAD.unpack_from(data, start)
    count = rest >> 24
    if end - start < 8 + 4 * count:
        raise ValueError("REMB is truncated")
    first = start + 8
    ssrcs = tuple(
        int(_WORD.unpack_from(data, position)[0]) for position in range(first, first + 4 * count, 4)
    )
    # Mantissa in the low 18 bits, exponent in the six above.
    return Remb(sender, (rest & 0x3_FFFF) << (rest >> 18 & 0x3F), ssrcs)


def encode(bitrate_bps: int, ssrcs: Iterable[int]) -> bytes:
    """Return what stands behind the two SSRCs of the feedback header."""
    sources = list(ssrcs)
    exponent = max(0, bitrate_bps.bit_length() - MANTISSA_BITS)
    rest = len(sources) << 24 | exponent << MANTISSA_BITS | bitrate_bps >> exponent
    return _HEAD.pack(b"REMB", rest) + b"".join(_WORD.pack(ssrc) for ssrc in sources)
