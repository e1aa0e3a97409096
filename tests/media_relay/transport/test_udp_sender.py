"""One datagram to one address: what goes out, and what is counted when it does not."""

import os
import socket
from collections.abc import Iterator

import pytest

from media_relay.metrics import Drop, Metrics
from media_relay.transport import libc, srtp
from media_relay.transport.udp_receiver import encode_address
from media_relay.transport.udp_sender import (
    KEPT_NAMES,
    SLICE_BYTES,
    UdpSender,
    open_socket,
    probe_gso,
)


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    with open_socket("127.0.0.1", 0) as ear:
        yield ear


@pytest.fixture
def udp_sender() -> Iterator[UdpSender]:
    with open_socket("127.0.0.1", 0) as sock:
        yield UdpSender(sock, Metrics(), gso=False)


def address_of(ear: socket.socket) -> bytes:
    return encode_address(socket.AF_INET, *ear.getsockname())


def test_it_sends_and_counts_the_bytes(udp_sender: UdpSender, ear: socket.socket) -> None:
    assert udp_sender.send(b"hello", address_of(ear))
    assert ear.recv(100) == b"hello"
    assert udp_sender.metrics.bytes_out == 5


def test_it_counts_what_the_kernel_refuses(udp_sender: UdpSender) -> None:
    assert not udp_sender.send(b"hello", encode_address(socket.AF_INET, "255.255.255.255", 9))
    assert udp_sender.metrics.drops[Drop.SEND_REFUSED] == 1


def test_it_never_sends_a_packet_longer_than_its_workspace(
    udp_sender: UdpSender, ear: socket.socket
) -> None:
    session = srtp.outbound_session(srtp.AEAD_AES_128_GCM, os.urandom(28))
    assert not udp_sender.send_rtp(
        bytes([0x80, 111]) + bytes(SLICE_BYTES), session.handle, address_of(ear)
    )
    assert udp_sender.metrics.drops[Drop.RTP_OVERSIZE] == 1


def test_it_never_sends_in_clear_what_libsrtp_refused(
    udp_sender: UdpSender, ear: socket.socket
) -> None:
    session = srtp.outbound_session(srtp.AEAD_AES_128_GCM, os.urandom(28))
    assert not udp_sender.send_rtp(b"\x80", session.handle, address_of(ear))
    assert udp_sender.metrics.drops[Drop.SRTP_SEND_FAILED] == 1
    with pytest.raises(BlockingIOError):
        ear.recv(100)


def test_it_remembers_names_of_a_bounded_number_of_addresses(udp_sender: UdpSender) -> None:
    for number in range(KEPT_NAMES + 10):
        host = f"127.1.{number >> 8}.{number & 255}"
        udp_sender.send(b"x", encode_address(socket.AF_INET, host, 9))
    assert len(udp_sender._names) <= KEPT_NAMES


def test_it_takes_ipv4_at_an_ipv6_wildcard() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with open_socket("::", 0) as sock, open_socket("127.0.0.1", 0) as ear:
        udp_sender = UdpSender(sock, Metrics(), gso=False)
        assert udp_sender.send(b"hello", encode_address(socket.AF_INET6, *ear.getsockname()))
        assert ear.recv(100) == b"hello"


def test_it_leaves_nothing_open_when_a_port_is_taken() -> None:
    with open_socket("127.0.0.1", 0) as taken, pytest.raises(OSError, match="in use"):
        open_socket(*taken.getsockname())


def test_it_does_without_gso_where_the_kernel_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libc, "AVAILABLE", False)
    assert not probe_gso()
