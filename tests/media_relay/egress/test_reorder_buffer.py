from itertools import pairwise

import pytest

from media_relay.egress.reorder_buffer import MOST_HELD, ReorderBuffer
from tests.media_relay.egress.studio import Rtp

STEP_US = 20_000


def numbers(order: ReorderBuffer, arrived: list[int], stream_start: int = 65_530) -> list[int]:
    """Return the order in which packets go on, as indices."""
    stream = Rtp(1, 111, sequence=stream_start)
    packets = [stream.packet(bytes([i % 256]), 0) for i in range(max(arrived) + 1)]
    out = []
    for at, index in enumerate(arrived):
        out += [held.packet for held in order.put(packets[index], at * STEP_US)]
    out += [held.packet for held in order.rest()]
    return [packets.index(packet) for packet in out]


@pytest.mark.parametrize(
    "arrived",
    [[0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 2, 1, 3, 4], [0, 3, 4, 5, 1, 2, 6], [0, 1, 1, 2, 0, 3]],
)
def test_it_puts_packets_in_order_across_a_wrap(arrived: list[int]) -> None:
    assert numbers(ReorderBuffer(), arrived) == sorted(set(arrived))


def test_it_goes_on_without_what_never_comes() -> None:
    order = ReorderBuffer()
    arrived = [i for i in range(100) if i not in (10, 11)]
    assert numbers(order, arrived) == arrived
    assert order.lost == 2


def test_it_holds_a_bounded_number() -> None:
    order, stream = ReorderBuffer(), Rtp(1, 111)
    order.put(stream.packet(b"", 0), 0)
    stream.sequence += 1
    out = []
    for _ in range(MOST_HELD + 5):
        out += order.put(stream.packet(b"", 0), 0)
    assert len(out) >= MOST_HELD
    assert all(b.number == a.number + 1 for a, b in pairwise(out))
