"""What goes between a pool and its children.

To a child, on its standard input:

    lane u32 · kind u8 · at u64, wall-clock milliseconds · timestamp_rtp u32 · length u16 · content

    O  the lane begins; content is its language     P  an Opus packet      R  no packet came
    C  the lane ends: say what there is             X  the lane ends: say nothing

In R the timestamp is how many milliseconds nothing has come. From a child, one JSON object a line:

    {"ready": true}                             once
    {"lane", "text", "final", "start_ms"}       words
    {"closed": lane}, {"lost": lane}            after C; when its engine broke
    {"done": packets}                           for each few it has worked off
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from struct import Struct

_HEAD = Struct("!IcQIH")


class RequestKind(Enum):
    OPEN = b"O"
    PACKET = b"P"
    REST = b"R"
    CLOSE = b"C"
    DROP = b"X"


@dataclass(frozen=True, slots=True)
class EngineRequest:
    lane: int
    kind: RequestKind
    at_ms: int
    timestamp_rtp: int = 0
    content: bytes = b""


def encode(order: EngineRequest) -> bytes:
    head = _HEAD.pack(
        order.lane, order.kind.value, order.at_ms, order.timestamp_rtp, len(order.content)
    )
    return head + order.content


def read(take: Callable[[int], bytes]) -> EngineRequest | None:
    """Return the next order; None at the end. `take` reads so many bytes, fewer at the end only."""
    head = take(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    lane, kind, at_ms, timestamp_rtp, length = _HEAD.unpack(head)
    content = take(length) if length else b""
    return (
        EngineRequest(lane, RequestKind(kind), at_ms, timestamp_rtp, content)
        if len(content) == length
        else None
    )
