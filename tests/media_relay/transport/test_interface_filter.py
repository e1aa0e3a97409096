"""What comes in by another interface than the one wanted is dropped by the kernel."""

import socket

import pytest

from media_relay.ice.addresses import own_addresses
from media_relay.transport.interface_filter import LOOPBACK, accept_only_from
from media_relay.transport.udp_sender import open_socket

ELSEWHERE = [name for _, name in socket.if_nameindex() if name != LOOPBACK]


def send_to(host: str, port: int) -> None:
    """Send a datagram from this machine to itself; it is there when this returns."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", (host, port))


@pytest.mark.parametrize("host", own_addresses())
@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])
def test_it_takes_what_this_machine_sends_to_any_of_its_addresses(bound: str, host: str) -> None:
    with open_socket(bound, 0, LOOPBACK) as sock:
        send_to(host, sock.getsockname()[1])
        assert sock.recv(100) == b"hello"


@pytest.mark.skipif(not ELSEWHERE, reason="The machine has no interface but loopback.")
@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])
def test_it_drops_what_comes_by_another_interface(bound: str) -> None:
    """Seen from the other side, so that the test needs no second machine: for a socket of another
    interface loopback is elsewhere.
    """
    with open_socket(bound, 0, ELSEWHERE[0]) as sock:
        send_to("127.0.0.1", sock.getsockname()[1])
        with pytest.raises(BlockingIOError):
            sock.recv(100)


def test_it_says_that_there_is_no_such_interface() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
        pytest.raises(OSError, match="interface"),
    ):
        accept_only_from(sock, "nowhere0")
