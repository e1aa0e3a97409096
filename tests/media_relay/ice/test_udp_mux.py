"""Whose a datagram is: only a signed check opens an address, and nobody takes somebody else's."""

from collections.abc import Callable

import pytest

from media_relay.ice.agent import CHECKS_PER_S, MAX_ADDRESSES, STALE_MS
from media_relay.ice.udp_mux import MAX_HANDSHAKES
from media_relay.metrics import Drop
from tests.bench import stun
from tests.media_relay.transport.wire import Client, Ear, Port


def test_it_answers_a_signed_check_and_knows_the_address_from_then_on(
    port: Port, client: Client
) -> None:
    assert port.mux.addresses == 0
    client.answer()
    answers = client.check()
    assert [stun.kind_of(answer) for answer in answers] == [stun.BINDING_SUCCESS]
    assert port.mux.addresses == 1


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda client: stun.binding_request(f"{client.agent.ufrag}:theirs", "wrong"),
            Drop.STUN_BAD_INTEGRITY,
        ),
        (
            lambda client: stun.binding_request("nobody:theirs", client.agent.password),
            Drop.STUN_UNKNOWN_UFRAG,
        ),
        (lambda client: b"\x00\x01" + bytes(18), Drop.STUN_MALFORMED),
        (lambda client: b"", Drop.EMPTY),
        (lambda client: bytes([128]) + bytes(1500), Drop.OVERSIZE),
        (lambda client: bytes([128]) + bytes(30), Drop.UNKNOWN_ADDRESS),
        (lambda client: bytes([22]) + bytes(30), Drop.UNKNOWN_ADDRESS),
    ],
    ids=["another password", "another name", "half a check", "empty", "oversize", "media", "DTLS"],
)
def test_it_drops_what_proves_nothing(
    port: Port, client: Client, make: Callable[[Client], bytes], reason: Drop
) -> None:
    assert client.send(make(client)) == []
    assert port.metrics.drops[reason] == 1
    assert port.mux.addresses == 0


def test_it_drops_an_unknown_protocol_from_a_known_address(port: Port, client: Client) -> None:
    client.check()
    client.send(bytes([70]) + bytes(30))
    assert port.metrics.drops[Drop.UNKNOWN_PROTOCOL] == 1


def test_it_takes_checks_that_name_another_browser_for_nobody_s(port: Port, client: Client) -> None:
    client.answer()
    name = f"{client.agent.ufrag}:somebody"
    assert client.send(stun.binding_request(name, client.agent.password)) == []
    assert port.metrics.drops[Drop.STUN_BAD_INTEGRITY] == 1


def test_it_lets_nobody_take_an_address_that_is_alive(port: Port, client: Client) -> None:
    """Who forges a source address must not cut somebody off with a grant of their own."""
    client.connect()
    thief = Client(port, port.open()[0])
    thief.socket = client.socket
    assert thief.check() == []
    assert port.metrics.drops[Drop.STUN_ADDRESS_TAKEN] == 1
    assert client.check(), "The owner is still served."


def test_it_gives_an_address_on_that_has_been_silent(port: Port, client: Client) -> None:
    """A browser that reloads its page may get the same port again."""
    client.answer()
    client.check()
    port.now_ms += STALE_MS
    successor = Client(port, port.open()[0])
    successor.answer()
    successor.socket = client.socket
    assert successor.check()
    assert client.agent.paths == {}


def test_it_follows_a_peer_that_moves(port: Port, client: Client) -> None:
    client.connect()
    before = client.transport.address
    client.move()
    assert client.check()
    assert client.transport.address != before
    handler = client.transport._handler
    assert isinstance(handler, Ear)
    assert handler.heard == ["connected", "moved"]


def test_it_bounds_the_checks_of_a_second(port: Port, client: Client) -> None:
    client.connect()
    answers = [client.check() for _ in range(CHECKS_PER_S + 20)]
    assert len([found for found in answers if found]) < CHECKS_PER_S
    assert port.metrics.drops[Drop.STUN_RATE] >= 20
    port.now_ms += 1000
    assert client.check(), "It is still in."


def test_it_keeps_few_addresses_of_one_peer(port: Port, client: Client) -> None:
    for _ in range(3 * MAX_ADDRESSES):
        client.move()
        client.check(nominate=False)
    assert port.mux.addresses == MAX_ADDRESSES


def test_it_forgets_a_peer_and_its_addresses(port: Port, client: Client) -> None:
    client.check()
    port.mux.discard(client.transport)
    assert port.mux.addresses == 0
    assert client.check() == []
    assert port.metrics.drops[Drop.STUN_UNKNOWN_UFRAG] == 1


def test_it_tells_a_peer_that_thinks_it_is_controlled_to_take_the_other_role(
    port: Port, client: Client
) -> None:
    body = stun.attribute(stun.USERNAME, f"{client.agent.ufrag}:theirs".encode())
    body += stun.attribute(0x8029, bytes(8))  # ICE-CONTROLLED, RFC 8445 §16.1.
    answers = client.send(stun.sealed(stun.BINDING_REQUEST, bytes(12), body, client.agent.password))
    assert [stun.kind_of(answer) for answer in answers] == [stun.BINDING_ERROR]
    assert port.mux.addresses == 0, "Until it comes back in its role it has not consented."


def test_it_goes_on_with_the_next_datagram_when_one_breaks_its_handler(
    port: Port, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.connect()
    broken = Client(port, port.open()[0])
    broken.connect()
    monkeypatch.setattr(broken.transport, "on_media", lambda *_: 1 / 0)
    broken.socket.sendto(bytes([128]) + bytes(30), port.socket.getsockname())
    assert client.check()
    assert port.metrics.drops[Drop.PEER_ERROR] == 1


def test_it_lets_handshakes_wait_and_only_so_many(port: Port, client: Client) -> None:
    """Each step costs as much as hundreds of packets: the sound goes first."""
    later: list[Callable[[], None]] = []
    port.mux._soon = later.append
    client.answer()
    client.check()
    client.send(*[bytes([22, 254, 253]) + bytes(10)] * 3)
    assert len(later) == 1, "One step at a time; the rest waits its turn."
    port.mux._handshakes.extend([(client.transport, b"\x16")] * MAX_HANDSHAKES)
    client.send(bytes([22, 254, 253]) + bytes(10))
    assert port.metrics.drops[Drop.DTLS_FLOOD] == 1
