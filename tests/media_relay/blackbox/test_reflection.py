"""What a relay sends to an address that never answers: no more than came from there."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from tests.bench import stun
from tests.bench.peer import Peer, open_socket
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.stack.waiting import until

CHECKS = 12  # Of them the relay hears each, one after the other.
PAUSE_S = 0.12
# Longer than the first two repetitions of a DTLS flight (RFC 6347 §4.2.4.1).
HANDSHAKE_S = 3.5


class SilentAddress:
    """An address in whose name datagrams go out, and that answers nothing: the victim's."""

    def __init__(self, peer: Peer, opened: socket.socket) -> None:
        self.peer = peer
        self.socket = opened
        self.bytes_sent = 0
        self.bytes_received = 0
        self.kinds: set[str] = set()

    def send(self, datagram: bytes) -> None:
        self.socket.sendto(datagram, self.peer.address)
        self.bytes_sent += len(datagram)

    def check(self, *, nominate: bool = True) -> None:
        self.send(
            stun.binding_request(self.peer.username, self.peer.offer.password, nominate=nominate)
        )

    def count(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while datagram := self.socket.recv(2048):
                self.bytes_received += len(datagram)
                self.kinds.add("check" if datagram[0] < 4 else "more")

    async def stays_unpaid(self, for_s: float) -> None:
        """Count what comes for a while and see at every moment that it is no more than went out."""
        end = asyncio.get_running_loop().time() + for_s
        while asyncio.get_running_loop().time() < end:
            self.count()
            assert self.kinds <= {"check"}
            assert self.bytes_received <= self.bytes_sent
            await asyncio.sleep(0.02)


@pytest.fixture
async def talk(light: LightRoom) -> LightMember:
    """Somebody who talks and shows a camera, so that there is much to send."""
    alice = await light.join("alice", microphone=True, camera=True)
    light.keep_speaking(alice)
    light.keep_filming(alice)
    return alice


@pytest.fixture
async def victim() -> AsyncIterator[socket.socket]:
    opened = open_socket()
    yield opened
    opened.close()


async def test_it_sends_nothing_but_checks_before_there_is_an_answer(
    light: LightRoom, talk: LightMember, victim: socket.socket
) -> None:
    member = await light.open("mallory")
    silent = SilentAddress(member.peer, victim)
    for _ in range(CHECKS):
        silent.check()
        await silent.stays_unpaid(PAUSE_S)
    assert silent.bytes_received > 0


@pytest.mark.parametrize("setup", ["active", "passive"])
async def test_it_begins_no_handshake_with_an_address_that_does_not_answer(
    light: LightRoom, talk: LightMember, victim: socket.socket, setup: str
) -> None:
    """`passive`: the relay would be the one to begin; `active`: it would send its certificate."""
    member = await light.open("mallory")
    answer = member.peer.answer.replace("a=setup:active", f"a=setup:{setup}")
    assert (await light.scene.answer(member.id, answer))["type"] == "relay.accepted"
    silent = SilentAddress(member.peer, victim)
    silent.check()
    member.peer.socket.close()
    member.peer.socket, member.peer.send = victim, silent.send  # type: ignore[method-assign]
    if setup == "active":
        member.peer._dtls.set_connect_state()
        member.peer._handshake()
    await silent.stays_unpaid(HANDSHAKE_S)
    silent.check()
    await silent.stays_unpaid(PAUSE_S)


async def test_it_does_not_send_the_stream_to_an_address_that_does_not_answer(
    light: LightRoom, talk: LightMember, victim: socket.socket
) -> None:
    mallory = await light.join("mallory")
    await mallory.hears()
    silent = SilentAddress(mallory.peer, victim)
    for _ in range(3):
        silent.check()
        await silent.stays_unpaid(PAUSE_S)
    await silent.stays_unpaid(1.0)
    await mallory.hears()  # The path before stays the path.


async def test_it_sends_nothing_in_place_of_an_address_that_has_gone(
    light: LightRoom, talk: LightMember, victim: socket.socket
) -> None:
    """The own path falls silent; the silent address must not inherit the stream."""
    mallory = await light.join("mallory", consent=False)
    await mallory.hears()
    await mallory.peer.close()
    silent = SilentAddress(mallory.peer, victim)
    for number in range(70):  # Past the time after which another path may take over.
        silent.check(nominate=bool(number % 2))
        await silent.stays_unpaid(PAUSE_S)


async def test_it_goes_on_at_a_new_address_that_answers(
    light: LightRoom, talk: LightMember
) -> None:
    bob = await light.join("bob")
    await bob.hears()
    asked = bob.peer.checks_asked
    bob.peer.rebind()
    bob.peer.check()
    await until(lambda: bob.peer.checks_asked > asked, "the relay asks the new address")
    await bob.hears(timeout_s=1.5)
