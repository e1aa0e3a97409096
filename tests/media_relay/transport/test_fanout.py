"""One packet to many real sockets, each under its own key."""

import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from pylibsrtp import Policy
from pylibsrtp import Session as Reference

from media_relay.metrics import Drop, Metrics
from media_relay.transport import fanout, libc, srtp, udp_sender
from media_relay.transport.fanout import Fanout
from media_relay.transport.udp_receiver import decode_address, encode_address
from media_relay.transport.udp_sender import WIDTH, UdpSender, open_socket, probe_gso

needs_linux = pytest.mark.skipif(not libc.AVAILABLE, reason="no sendmmsg here")


def rtp(sequence: int, length: int = 100) -> bytes:
    return struct.pack("!BBHII", 0x80, 111, sequence, sequence * 960, 0x1234) + os.urandom(
        length - 12
    )


@dataclass(eq=False)
class Listener:
    """A destination with the receiving end that a browser would have."""

    profile: srtp.Profile = srtp.AEAD_AES_128_GCM
    ear: socket.socket = field(default_factory=lambda: open_socket("127.0.0.1", 0))

    def __post_init__(self) -> None:
        key = os.urandom(self.profile.key_bytes + self.profile.salt_bytes)
        self.outbound = srtp.outbound_session(self.profile, key)
        self.address = encode_address(socket.AF_INET, *self.ear.getsockname())
        self._receiver = Reference(
            Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=self.profile.libsrtp)
        )

    def received(self) -> list[bytes]:
        """Return the packets that have come, decrypted."""
        found: list[bytes] = []
        while True:
            try:
                data = self.ear.recv(2048)
            except BlockingIOError:
                return found
            is_rtcp = 192 <= data[1] <= 223
            found.append(
                self._receiver.unprotect_rtcp(data) if is_rtcp else self._receiver.unprotect(data)
            )


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture(params=[pytest.param("sendmmsg", marks=needs_linux), "plain"])
def sender(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, metrics: Metrics
) -> Iterator[UdpSender]:
    if request.param == "plain":
        monkeypatch.setattr(libc, "AVAILABLE", False)
    with open_socket("127.0.0.1", 0) as sock:
        yield UdpSender(sock, metrics, gso=request.param != "plain" and probe_gso())


@pytest.fixture
def listeners() -> Iterator[list[Listener]]:
    profiles = [srtp.AEAD_AES_128_GCM, srtp.AES128_CM_SHA1_80]
    made = [Listener(profiles[i % 7 == 0]) for i in range(2 * WIDTH + 5)]
    yield made
    for listener in made:
        listener.ear.close()


def test_it_reaches_every_listener_of_either_profile(
    sender: UdpSender, listeners: list[Listener], metrics: Metrics
) -> None:
    group = Fanout(sender)
    for listener in listeners:
        group.add(listener)
    packets = [rtp(1), rtp(2, 1340), rtp(3, 12)]
    for packet in packets:
        group.send((packet,))
    assert all(listener.received() == packets for listener in listeners)
    assert metrics.rtp_out == 3 * len(listeners)


def test_it_sends_frames_as_separate_datagrams(
    sender: UdpSender, listeners: list[Listener], metrics: Metrics
) -> None:
    group = Fanout(sender)
    for listener in listeners:
        group.add(listener)
    frame = [rtp(1, 900), rtp(2, 900), rtp(3, 400)]
    group.send(frame)
    group.send((rtp(4, 60),))
    for listener in listeners:
        assert listener.received()[:3] == frame
    assert metrics.rtp_out == 4 * len(listeners)
    assert (metrics.gso_messages > 0) == sender.gso


def test_it_sends_rtcp_to_everyone(
    sender: UdpSender, listeners: list[Listener], metrics: Metrics
) -> None:
    group = Fanout(sender)
    for listener in listeners:
        group.add(listener)
    report = bytes.fromhex("80c90001deadbeef")
    group.send_rtcp(report)
    assert all(listener.received() == [report] for listener in listeners)
    assert (metrics.rtcp_out, metrics.rtp_out) == (len(listeners), 0)


def test_it_sends_nothing_to_those_who_left(sender: UdpSender, listeners: list[Listener]) -> None:
    group = Fanout(sender)
    for listener in listeners:
        group.add(listener)
    gone = listeners[::3]
    for listener in gone:
        group.discard(listener)
        group.discard(listener)
    group.send((rtp(1),))
    assert len(group) == len(listeners) - len(gone)
    for listener in listeners:
        assert len(listener.received()) == (listener not in gone)


def test_it_follows_a_listener_to_a_new_address(
    sender: UdpSender, listeners: list[Listener]
) -> None:
    group = Fanout(sender)
    for listener in listeners:
        group.add(listener)
    mover = listeners[70]
    mover.ear.close()
    mover.ear = open_socket("127.0.0.1", 0)
    mover.address = encode_address(socket.AF_INET, *mover.ear.getsockname())
    group.move(mover)
    group.send((rtp(1),))
    assert all(len(listener.received()) == 1 for listener in listeners)


def test_it_adds_a_listener_once(sender: UdpSender, listeners: list[Listener]) -> None:
    group = Fanout(sender)
    group.add(listeners[0])
    group.add(listeners[0])
    group.send((rtp(1),))
    assert len(listeners[0].received()) == 1


def test_it_never_sends_what_could_not_be_protected(
    sender: UdpSender, listeners: list[Listener], metrics: Metrics
) -> None:
    """A number too old for libsrtp's window stays plain text in the buffer; it must not leave the
    machine.
    """
    group = Fanout(sender)
    for listener in listeners[:3]:
        group.add(listener)
    group.send((rtp(5000),))
    group.send((rtp(1),))
    assert [len(listener.received()) for listener in listeners[:3]] == [1, 1, 1]
    assert metrics.drops[Drop.SRTP_SEND_FAILED] == 3


def test_it_drops_and_counts_when_the_buffer_is_full(
    sender: UdpSender, listeners: list[Listener], metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Fanout(sender)
    for listener in listeners:
        group.add(listener)
    monkeypatch.setattr(UdpSender, "send_many", lambda self, headers, count: (0, fanout.FULL[0]))
    monkeypatch.setattr(
        UdpSender,
        "send",
        lambda self, data, address: (self.metrics.drop(Drop.SEND_BUFFER_FULL), False)[1],
    )
    group.send((rtp(1),))
    assert metrics.drops[Drop.SEND_BUFFER_FULL] == len(listeners)
    assert metrics.rtp_out == 0


@needs_linux
def test_it_goes_on_behind_a_destination_that_the_kernel_refuses(
    metrics: Metrics, listeners: list[Listener]
) -> None:
    with open_socket("127.0.0.1", 0) as sock:
        group = Fanout(UdpSender(sock, metrics, gso=True))
        for listener in listeners[:5]:
            group.add(listener)
        # Refused without SO_BROADCAST.
        listeners[2].address = encode_address(socket.AF_INET, "255.255.255.255", 9)
        group.move(listeners[2])
        group.send((rtp(1),))
        group.send((rtp(2, 500), rtp(3, 500)))
    assert [len(listener.received()) for listener in listeners[:5]] == [3, 3, 0, 3, 3]
    assert metrics.drops[Drop.SEND_REFUSED] == 3
    assert metrics.rtp_out == 4 * 3


def test_it_repeats_a_packet_within_the_window(metrics: Metrics) -> None:
    listener = Listener()
    with open_socket("127.0.0.1", 0) as sock:
        box = UdpSender(sock, metrics, gso=False)
        first = rtp(1)
        assert box.send_rtp(first, listener.outbound.handle, listener.address)
        for sequence in range(2, srtp.WINDOW):
            box.send_rtp(rtp(sequence), listener.outbound.handle, listener.address)
        assert box.send_rtp(first, listener.outbound.handle, listener.address)
        assert not box.send_rtp(
            rtp(1, udp_sender.SLICE_BYTES + 1), listener.outbound.handle, listener.address
        )
    listener.ear.close()


def test_it_decodes_the_addresses_it_encodes() -> None:
    assert decode_address(encode_address(socket.AF_INET, "192.0.2.1", 80)) == ("192.0.2.1", 80)
    assert decode_address(encode_address(socket.AF_INET6, "2001:db8::1", 80)) == ("2001:db8::1", 80)
    assert decode_address(encode_address(socket.AF_INET6, "192.0.2.1", 80)) == (
        "::ffff:192.0.2.1",
        80,
    )
