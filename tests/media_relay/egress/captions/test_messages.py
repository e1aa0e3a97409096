import io

import pytest

from media_relay.egress.captions.messages import (
    EngineMessage,
    EngineReady,
    EngineRequest,
    EngineWords,
    LaneClosed,
    LaneLost,
    PacketsDone,
    RequestKind,
    encode,
    parse_message,
    read,
)
from media_relay.errors import ProtocolError
from media_relay.protocol import encoding

ORDERS = [
    EngineRequest(1, RequestKind.OPEN, 0, 0, b"en"),
    EngineRequest(
        0xFFFF_FFFF, RequestKind.PACKET, 1_700_000_000_000, 0xFFFF_FFFF, bytes(range(256))
    ),
    EngineRequest(1, RequestKind.REST, 5, 400),
    EngineRequest(1, RequestKind.CLOSE, 0),
    EngineRequest(1, RequestKind.DROP, 0),
]


def test_it_reads_back_every_order() -> None:
    pipe = io.BytesIO(b"".join(encode(order) for order in ORDERS))
    assert [read(pipe.read) for _ in ORDERS] == ORDERS
    assert read(pipe.read) is None


@pytest.mark.parametrize("order", ORDERS)
def test_it_takes_a_cut_order_for_the_end(order: EngineRequest) -> None:
    data = encode(order)
    for length in range(len(data)):
        assert read(io.BytesIO(data[:length]).read) is None


@pytest.mark.parametrize(
    "message",
    [
        EngineReady(),
        EngineWords(1, "café", False, 1_700_000_000_000),
        LaneClosed(1),
        LaneLost(2),
        PacketsDone(5),
    ],
)
def test_it_reads_what_a_child_says(message: EngineMessage) -> None:
    line = encoding.encode(message)
    assert b"\n" not in line
    assert parse_message(line) == message


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"Loading the model\n", b"5\n", b"{}\n", b'{"type":"words","lane":1}\n']
)
def test_it_refuses_what_a_library_prints(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_message(line)
