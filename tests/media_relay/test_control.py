"""What the switchboard says to each request. The socket is real, time and Redis are not."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from media_relay.control import RelayRequestHandler
from media_relay.ice.path import CONSENT_MS
from media_relay.ice.udp_mux import UdpMux
from media_relay.metrics import Drop, Metrics
from media_relay.protocol.encoding import encode
from media_relay.protocol.relay import (
    AnswerPeer,
    ClosePeer,
    CloseSpace,
    OpenPeer,
    Policy,
    RelayMessage,
    Request,
    SetPeerPin,
    SetPeerVideo,
    SetPolicy,
    Sources,
)
from media_relay.redis.cascade import Cascade
from media_relay.rooms.context import RelayContext
from media_relay.rooms.room import EMPTY_MS
from media_relay.signalling.offer import Endpoint
from media_relay.transport.dtls import Certificate
from media_relay.transport.peer_transport import CONNECT_MS
from media_relay.transport.udp_sender import UdpSender, open_socket
from tests.media_relay.signalling.test_sdp import LISTENER

NOW_S = 1_000_000.0
CERTIFICATE = Certificate()


class Web:
    """Keeps what the relay says."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def to_peer(self, reply_to: str, message: RelayMessage) -> None:
        self.heard.append((reply_to, to_builtins(message)))

    def to_space(self, space: str, message: RelayMessage) -> None:
        self.heard.append((f"group {space}", to_builtins(message)))

    @property
    def last(self) -> dict[str, Any]:
        return self.heard[-1][1]


class NoOtherRelays(Cascade):
    """Every Space is at home here, unless a test says otherwise."""

    def __init__(self) -> None:
        self.edges: set[str] = set()
        self.known: set[str] = set()

    async def is_home(self, space: str) -> bool:
        return space not in self.edges

    def add_home(self, room: Any) -> None:
        self.known.add(room.space)

    add_edge = add_home

    def discard(self, space: str) -> None:
        self.known.discard(space)


class Relay:
    """A switchboard with all that hangs on it."""

    def __init__(self, sock: socket.socket, max_peers: int = 10) -> None:
        self.web, self.metrics, self.now_ms = Web(), Metrics(), 1000
        udp_sender = UdpSender(sock, self.metrics, gso=False)
        self.mux = UdpMux(sock, udp_sender, self.metrics, self.clock)
        context = RelayContext(
            relay="r",
            udp_sender=udp_sender,
            certificate=CERTIFICATE,
            metrics=self.metrics,
            clock=self.clock,
            later=lambda _delay, act: act(),
            endpoint=Endpoint(("127.0.0.1",), 5004, CERTIFICATE.fingerprint),
            web=self.web,
            max_publishers=13,
        )
        self.cascade = NoOtherRelays()
        self.handler = RelayRequestHandler(
            context, self.mux, self.cascade, max_peers, lambda: NOW_S
        )

    def clock(self) -> int:
        return self.now_ms

    async def say(self, request: Request) -> dict[str, Any]:
        """Hand over a request and return the last thing the relay said."""
        await self.handler.handle(encode(request))
        return self.web.last if self.web.heard else {}

    def pass_time(self, ms: int) -> None:
        self.now_ms += ms
        self.handler.tick(self.now_ms)
        self.handler.tick_handshakes(self.now_ms)
        self.handler.tick_consents(self.now_ms)


@pytest.fixture
def relay() -> Iterator[Relay]:
    with open_socket("127.0.0.1", 0) as sock:
        yield Relay(sock)


def opening(
    peer: str = "p", user: str = "", space: str = "s", rev: int = 1, **changes: Any
) -> OpenPeer:
    policy = Policy(space, rev, {"7": Sources(microphone=True)})
    return replace(OpenPeer("q", "reply", peer, space, user, False, NOW_S + 30, policy), **changes)


async def test_it_answers_with_an_offer_and_what_is_in_the_slots(relay: Relay) -> None:
    offer = await relay.say(opening())
    assert (offer["type"], offer["request"], offer["peer"], offer["relay"]) == (
        "relay.offer",
        "q",
        "p",
        "r",
    )
    assert offer["sdp"].startswith("v=0\r\n")
    assert offer["assigned"]["audio"] == ("7", None, None)
    assert relay.web.heard[-1][0] == "reply"
    json.dumps(offer)


async def test_it_gives_all_peers_of_a_space_the_same_slots(relay: Relay) -> None:
    ssrcs = []
    for peer in ("one", "two"):
        offer = await relay.say(opening(peer))
        ssrcs.append([line for line in offer["sdp"].splitlines() if line.startswith("a=ssrc:")])
    assert ssrcs[0] == ssrcs[1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expires_at": NOW_S - 1}, "grant_expired"),
        ({"policy": Policy("another", 1)}, "bad_request"),
    ],
)
async def test_it_refuses_a_grant_that_is_not_good(
    relay: Relay, changes: dict[str, Any], code: str
) -> None:
    refusal = await relay.say(opening(**changes))
    assert (refusal["type"], refusal["code"], refusal["request"]) == ("relay.error", code, "q")
    assert relay.handler.peers == {}


async def test_it_opens_a_peer_once(relay: Relay) -> None:
    await relay.say(opening())
    assert (await relay.say(opening()))["code"] == "peer_exists"


async def test_it_takes_no_more_than_it_has_room_for(relay: Relay) -> None:
    for number in range(10):
        assert (await relay.say(opening(f"p{number}")))["type"] == "relay.offer"
    assert (await relay.say(opening("one more")))["code"] == "relay_full"


async def test_it_takes_nobody_when_it_is_busy_or_leaving(relay: Relay) -> None:
    relay.handler.is_full = True
    assert (await relay.say(opening()))["code"] == "relay_full"
    relay.handler.drain()
    assert (await relay.say(opening()))["code"] == "draining"


async def test_it_accepts_an_answer_once(relay: Relay) -> None:
    await relay.say(opening())
    assert (await relay.say(AnswerPeer("a", "p", LISTENER)))["type"] == "relay.accepted"
    assert (await relay.say(AnswerPeer("b", "p", LISTENER)))["code"] == "bad_sdp"


async def test_it_lets_somebody_answer_again_after_a_bad_answer(relay: Relay) -> None:
    await relay.say(opening())
    assert (await relay.say(AnswerPeer("a", "p", "v=0")))["code"] == "bad_sdp"
    assert (await relay.say(AnswerPeer("b", "p", LISTENER)))["type"] == "relay.accepted"


async def test_it_knows_nobody_by_a_name_it_was_not_given(relay: Relay) -> None:
    refusal = await relay.say(AnswerPeer("a", "nobody", LISTENER, "reply"))
    assert refusal["code"] == "unknown_peer"
    for request in (
        ClosePeer("nobody", "left"),
        SetPeerVideo("nobody", False),
        SetPeerPin("nobody", "7"),
        CloseSpace("t", ""),
    ):
        await relay.say(request)
    assert relay.web.last is refusal


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"type": "peer.open"}',
        b'{"type": "x"}',
        b"\xff",
        b'{"type": "peer.close", "peer": [], "reason": ""}',
        b"[" * 9999,
    ],
)
async def test_it_counts_what_it_cannot_read(relay: Relay, text: bytes) -> None:
    await relay.handler.handle(text)
    assert relay.metrics.drops[Drop.BAD_REQUEST] == 1
    assert relay.web.heard == []


async def test_it_tells_everyone_when_the_space_ends(relay: Relay) -> None:
    for peer in ("one", "two"):
        await relay.say(opening(peer))
    await relay.say(CloseSpace("s", "ended"))
    closed = [message for _, message in relay.web.heard if message["type"] == "relay.closed"]
    assert {(message["peer"], message["reason"]) for message in closed} == {
        ("one", "ended"),
        ("two", "ended"),
    }
    assert relay.handler.peers == {}
    assert relay.handler.rooms == {}
    assert relay.cascade.known == set()


async def test_it_says_nothing_to_a_socket_that_has_gone(relay: Relay) -> None:
    await relay.say(opening())
    said = len(relay.web.heard)
    await relay.say(ClosePeer("p", "left"))
    assert len(relay.web.heard) == said
    assert relay.handler.peers == {}
    assert relay.metrics.peers_closed == {"left": 1}


async def test_it_gives_up_on_those_who_never_come(relay: Relay) -> None:
    await relay.say(opening())
    relay.pass_time(CONNECT_MS - 1)
    assert "p" in relay.handler.peers
    relay.pass_time(1)
    assert relay.web.last["reason"] == "never_connected"
    assert relay.handler.peers == {}
    assert CONSENT_MS < CONNECT_MS


async def test_it_keeps_an_empty_room_for_those_who_come_back(relay: Relay) -> None:
    await relay.say(opening())
    relay.pass_time(10)
    await relay.say(ClosePeer("p", "left"))
    relay.pass_time(EMPTY_MS)
    assert "s" in relay.handler.rooms
    relay.pass_time(1)
    assert relay.handler.rooms == {}


async def test_it_applies_a_policy_to_the_room_it_is_for(relay: Relay) -> None:
    await relay.say(opening())
    await relay.say(SetPolicy(Policy("s", 2, {"8": Sources(microphone=True)})))
    await relay.say(SetPolicy(Policy("t", 9)))
    assert relay.web.last["assigned"]["audio"] == ("8", None, None)
    assert relay.web.heard[-1][0] == "group s"


async def test_it_decides_nothing_at_an_edge(relay: Relay) -> None:
    relay.cascade.edges.add("s")
    offer = await relay.say(opening())
    assert offer["assigned"]["audio"] == (None, None, None)
    await relay.say(SetPolicy(Policy("s", 2, {"8": Sources(microphone=True)})))
    assert relay.web.last is offer


async def test_it_sends_everyone_away_when_the_home_has_moved(relay: Relay) -> None:
    await relay.say(opening())
    relay.handler.on_home_moved("s")
    assert relay.web.last["reason"] == "moved"
    assert relay.handler.rooms == {}


async def test_it_sends_everyone_away_when_it_ends(relay: Relay) -> None:
    await relay.say(opening())
    relay.handler.drain()
    assert relay.web.last["reason"] == "drained"
    assert relay.mux.addresses == 0
