"""What goes between a pool and its children.

To a child, on its standard input:

    lane u32 · kind u8 · at u64, wall-clock milliseconds · timestamp_rtp u32 · length u16 · content

    O  the lane begins; content is its language     P  an Opus packet      R  no packet came
    C  the lane ends: say what there is             X  the lane ends: say nothing

In R the timestamp is how many milliseconds nothing has come. From a child, on its standard output:
JSON of an `EngineMessage`, one a line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from struct import Struct

import msgspec

from media_relay.protocol.encoding import decode

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


class EngineReady(msgspec.Struct, frozen=True, tag="ready"):
    """The model is loaded. Said once, first."""


class EngineWords(msgspec.Struct, frozen=True, tag="words"):
    """What was heard in a lane; `start_ms` is the wall-clock millisecond of the first word."""

    lane: int
    text: str
    final: bool
    start_ms: int


class LaneClosed(msgspec.Struct, frozen=True, tag="closed"):
    """After C: all words of the lane have been said."""

    lane: int


class LaneLost(msgspec.Struct, frozen=True, tag="lost"):
    """The lane's engine broke."""

    lane: int


class PacketsDone(msgspec.Struct, frozen=True, tag="done"):
    """So many packets more are worked off, in whichever lanes."""

    packets: int


EngineMessage = EngineReady | EngineWords | LaneClosed | LaneLost | PacketsDone
_MESSAGE: msgspec.json.Decoder[EngineMessage] = msgspec.json.Decoder(EngineMessage)


def parse_message(line: bytes) -> EngineMessage:
    """Return what a child says. Raises ProtocolError."""
    return decode(_MESSAGE, line)
