"""Reading a real socket, in batches and plainly."""

import socket
from collections.abc import Iterator

import pytest

from media_relay.transport import libc
from media_relay.transport.udp_receiver import BATCH, UdpReceiver, decode_address
from media_relay.transport.udp_sender import open_socket


@pytest.fixture(params=["batches", "plain"])
def udp_receiver(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[UdpReceiver, socket.socket]]:
    if request.param == "plain":
        monkeypatch.setattr(libc, "AVAILABLE", False)
    elif not libc.AVAILABLE:
        pytest.skip("no recvmmsg here")
    with (
        open_socket("127.0.0.1", 0) as ours,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as theirs,
    ):
        theirs.bind(("127.0.0.1", 0))
        theirs.connect(ours.getsockname())
        yield UdpReceiver(ours), theirs


def test_it_reads_nothing_from_a_dry_socket(
    udp_receiver: tuple[UdpReceiver, socket.socket],
) -> None:
    assert list(udp_receiver[0].read()) == []


def test_it_gives_content_length_and_sender(
    udp_receiver: tuple[UdpReceiver, socket.socket],
) -> None:
    reader, theirs = udp_receiver
    for data in (b"first", b"", b"x" * 1500):
        theirs.send(data)
    found = [(bytes(d.view[: d.length]), decode_address(d.address)) for d in reader.read()]
    assert found == [(data, theirs.getsockname()) for data in (b"first", b"", b"x" * 1500)]


def test_it_shows_that_a_datagram_is_too_long(
    udp_receiver: tuple[UdpReceiver, socket.socket],
) -> None:
    udp_receiver[1].send(b"x" * 9000)
    assert next(udp_receiver[0].read()).length > 1500


def test_it_leaves_the_rest_for_the_next_batch(
    udp_receiver: tuple[UdpReceiver, socket.socket],
) -> None:
    reader, theirs = udp_receiver
    for number in range(BATCH + 3):
        theirs.send(number.to_bytes(2, "big"))
    assert [bytes(d.view[:2])[1] for d in reader.read()] == list(range(BATCH))
    assert [bytes(d.view[:2])[1] for d in reader.read()] == list(range(BATCH, BATCH + 3))
