"""Addresses that change, vanish or lie."""

import struct
from socket import socket

import aioice.stun

from tests.bench import stun
from tests.bench.peer import open_socket
from tests.media_relay.blackbox.harness import RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.stack.waiting import stays, until

# Idle peers are gone 15 s after the last good check; the rest is slack for a busy machine.
CONSENT_LOST_S = 20


async def test_it_follows_a_listener_to_a_new_source_port(light: LightRoom) -> None:
    alice, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(alice)
    await bob.hears()
    bob.peer.rebind()
    bob.peer.check()
    await until(lambda: bob.peer.checked, "the check from the new port is answered")
    await bob.hears()


async def test_it_follows_a_speaker_to_a_new_source_port(light: LightRoom) -> None:
    alice, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(alice)
    await bob.hears()
    alice.peer.rebind()
    await bob.falls_silent()  # Packets from an address without a check do not count.
    alice.peer.check()
    await bob.hears()


async def test_it_does_not_move_a_peer_on_a_check_with_a_wrong_password(light: LightRoom) -> None:
    alice, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(alice)
    with open_socket() as thief:
        forged = stun.binding_request(bob.peer.username, "x" * 22)
        thief.sendto(forged, bob.peer.address)
        await bob.hears()
        await stays(lambda: not _has_media(thief), "nothing goes to the thief", 0.3)
    await bob.hears()


async def test_it_does_not_move_a_peer_on_packets_alone(light: LightRoom) -> None:
    alice, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(alice)
    with open_socket() as thief:
        assert bob.peer.outbound is not None
        report = struct.pack("!BBHI", 0x80, 201, 1, 1)
        thief.sendto(bob.peer.outbound.protect_rtcp(report), bob.peer.address)
        await bob.hears()
        await stays(lambda: not _has_media(thief), "nothing goes to the thief", 0.3)


async def test_it_answers_a_check_with_the_address_it_saw(light: LightRoom) -> None:
    """The answer is read by aioice's parser, which also proves its integrity and fingerprint."""
    bob = await light.join("bob")
    with open_socket() as other:
        other.sendto(
            stun.binding_request(bob.peer.username, bob.peer.offer.password), bob.peer.address
        )
        ask = await until(lambda: _read(other), "the relay asks, too")
        assert stun.kind_of(ask) == stun.BINDING_REQUEST
        other.sendto(
            stun.binding_success(stun.transaction_of(ask), bob.peer.address, bob.peer.password),
            bob.peer.address,
        )
        answer = await until(lambda: _read(other), "the answer to the check")
        message = aioice.stun.parse_message(answer)
        assert message.check_message_integrity(bob.peer.offer.password.encode())
        assert message.attributes["XOR-MAPPED-ADDRESS"] == other.getsockname()


async def test_it_lets_go_of_a_peer_that_stops_checking(
    light: LightRoom, scene: Scene, relay: RelayProcess
) -> None:
    alice, bob = await light.join("alice", microphone=True), await light.join("bob")
    light.keep_speaking(alice)
    await bob.hears()
    await bob.peer.close()
    notice = await scene.bus.expect(bob.id, "relay.closed", CONSENT_LOST_S)
    assert notice["reason"] == "consent_lost"


def _read(opened: socket) -> bytes:
    try:
        return opened.recv(2048)
    except BlockingIOError:
        return b""


def _has_media(opened: socket) -> bool:
    datagram = _read(opened)
    return bool(datagram) and datagram[0] >= 128
