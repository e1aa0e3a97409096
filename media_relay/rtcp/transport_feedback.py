"""Transport-wide congestion control feedback, as browsers ask for it.

    |      base sequence number     |      packet status count      |
    |                 reference time                | fb pkt. count |
    |  chunks of two bytes …   | receive deltas of one or two bytes |

    chunk:  |0| S |     run length (13)     |   one symbol, so many times
            |1|0| s s s s s s s s s s s s s s |   fourteen symbols of one bit
            |1|1| SS  SS  SS  SS  SS  SS  SS  |   seven symbols of two bits

Symbols: 0 not received, 1 a delta of one byte, 2 a signed delta of two. Deltas count 250 µs, the
reference time 64 ms. Source: draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.
"""

from dataclasses import dataclass
from struct import Struct

from media_relay.rtp.packet import Readable

TICKS_PER_MS = 4
REFERENCE_MS = 64
# A run-length chunk claims 8191 packets in two bytes; no honest report speaks of so many.
MAX_STATUSES = 2048

_HEAD = Struct("!HHI")
_CHUNK = Struct("!H")
_LARGE_DELTA = Struct("!h")
_NOT_RECEIVED, _SMALL, _LARGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class TransportFeedback:
    """When packets arrived: `arrivals` has one entry per number from `base` on.

    An entry is in ticks of 250 µs, relative to the arrival before it and the first to the reference
    time of `reference` × 64 ms; None stands for a packet that did not arrive.
    """

    sender: int
    media: int
    base: int
    reference: int
    count: int
    arrivals: tuple[int | None, ...]


def parse(sender: int, media: int, data: Readable, start: int, end: int) -> TransportFeedback:
    """Return the feedback in `data[start:end]`.

    Raises ValueError if it is truncated or claims too many packets.
    """
    if end - start < _HEAD.size:
        raise ValueError("transport feedback is truncated")
    base, statuses, rest = _HEAD.unpack_from(data, start)
    if statuses > MAX_STATUSES:
        raise ValueError("transport feedback claims too many packets")
    position = start + _HEAD.size
    symbols: list[int] = []
    while len(symbols) < statuses:
        if end - position < 2:
            raise ValueError("transport feedback is truncated")
        chunk = _CHUNK.unpack_from(data, position)[0]
        position += 2
        if not chunk & 0x8000:  # A run of one symbol.
            symbols += [chunk >> 13 & 3] * min(chunk & 0x1FFF, statuses - len(symbols))
            if not chunk & 0x1FFF:
                raise ValueError("transport feedback has an empty run")
        elif chunk & 0x4000:  # Seven symbols of two bits.
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:  # Fourteen of one bit.
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]

    # The last vector may have more symbols than there are packets; the deltas begin behind it.
    arrivals: list[int | None] = []
    for symbol in symbols[:statuses]:
        if symbol == _NOT_RECEIVED:
            arrivals.append(None)
            continue
        # The symbol is also the delta's length in bytes; 3 is reserved.
        if symbol > _LARGE or end - position < symbol:
            raise ValueError("transport feedback delta is truncated")
        if symbol == _SMALL:
            arrivals.append(data[position])
        else:
            arrivals.append(int(_LARGE_DELTA.unpack_from(data, position)[0]))
        position += symbol
    return TransportFeedback(sender, media, base, rest >> 8, rest & 0xFF, tuple(arrivals))


def encode(feedback: TransportFeedback) -> bytes:
    """Return what stands behind the two SSRCs of the feedback header.

    Deltas beyond 16 bits are cut to them.
    """
    symbols: list[int] = []
    deltas = b""
    for delta in feedback.arrivals:
        if delta is None:
            symbols.append(_NOT_RECEIVED)
        elif 0 <= delta <= 0xFF:
            symbols.append(_SMALL)
            deltas += bytes((delta,))
        else:
            symbols.append(_LARGE)
            deltas += _LARGE_DELTA.pack(max(-0x8000, min(delta, 0x7FFF)))

    # Runs where a symbol repeats for longer than a vector holds, else vectors of seven.
    chunks = b""
    position = 0
    while position < len(symbols):
        end = position
        while end < len(symbols) and symbols[end] == symbols[position] and end - position < 0x1FFF:
            end += 1
        run = end - position
        if run > 7 or end == len(symbols):
            chunks += _CHUNK.pack(symbols[position] << 13 | run)
            position = end
            continue
        chunk = 0xC000
        for index, symbol in enumerate(symbols[position : position + 7]):
            chunk |= symbol << 12 - 2 * index
        chunks += _CHUNK.pack(chunk)
        position += 7
    rest = (feedback.reference & 0xFF_FFFF) << 8 | feedback.count & 0xFF
    return _HEAD.pack(feedback.base, len(symbols), rest) + chunks + deltas
