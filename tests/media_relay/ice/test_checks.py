"""What we ask of an address: before anything goes there, and again for as long as it does."""

import itertools
from collections.abc import Callable

import aioice.stun
import pytest

from media_relay.ice.agent import STALE_MS
from media_relay.ice.checks import INTERVAL_MS, RETRY_MS, SPREAD
from media_relay.ice.path import CONSENT_MS
from media_relay.metrics import Drop
from media_relay.transport.peer_transport import TransportState
from tests.bench import stun
from tests.media_relay.transport.wire import PASSWORD, Client

RTP = bytes([0x80, 111, 0, 1]) + bytes(8) + b"sound"


def media_in(found: list[bytes]) -> list[bytes]:
    return [each for each in found if each[0] >= 128]


def test_it_asks_as_ice_has_it(client: Client) -> None:
    """Read by aioice's parser, which also proves integrity and fingerprint (RFC 8445 §7.2.2)."""
    client.answer()
    client.check()
    message = aioice.stun.parse_message(client.asked[0])
    assert message.check_message_integrity(PASSWORD.encode())
    assert message.attributes["USERNAME"] == f"theirs:{client.agent.ufrag}"
    assert message.attributes["ICE-CONTROLLED"] == 0, "A peer that is controlled, too, gives way."
    assert message.attributes["PRIORITY"] > 0
    assert "USE-CANDIDATE" not in message.attributes, "That is for the controlling side to say."


def test_it_answers_a_new_address_when_that_has_answered(client: Client) -> None:
    client.answer()
    client.answers = False
    assert client.check() == []
    answers = client.send(client.success_of(client.asked[0]))
    assert [stun.kind_of(answer) for answer in answers] == [stun.BINDING_SUCCESS]


def test_it_asks_when_the_answer_comes_after_the_checks(client: Client) -> None:
    """What it sends is kept for asking, so nothing more has to come."""
    assert client.check() == []
    assert client.check(), "The peer need not wait for its own page."
    assert client.asked == []
    client.answer()
    assert client.transport.state is TransportState.HANDSHAKE


@pytest.mark.parametrize("nominate", [True, False])
def test_it_never_sends_more_to_a_silent_address_than_came_from_there(
    client: Client, nominate: bool
) -> None:
    """Neither bytes nor datagrams, whatever comes: checks, early DTLS, checks after the answer."""
    client.answers = False
    hello = bytes([22, 254, 253]) + bytes(40)
    sent, got = [0, 0], [0, 0]
    for number in range(200):
        if number == 50:
            client.agent.on_answer("theirs", PASSWORD)
            client.port.mux.on_answer(client.transport, client.port.now_ms)
        datagram = (
            hello
            if number % 3 == 2
            else stun.binding_request(
                f"{client.agent.ufrag}:theirs", client.agent.password, nominate=nominate
            )
        )
        before = len(client.asked)
        found = client.send(datagram) + client.asked[before:]
        client.port.now_ms += 30
        client.port.mux.tick(client.port.now_ms)
        found += client.received()
        sent = [sent[0] + len(datagram), sent[1] + 1]
        got = [got[0] + sum(map(len, found)), got[1] + len(found)]
        assert got[0] <= sent[0]
        assert got[1] <= sent[1]
    assert got[1] > 10
    assert client.transport.address == b""


def test_it_asks_again_when_a_check_is_lost(client: Client) -> None:
    client.answer()
    client.answers = False
    client.check()
    hello = bytes([22, 254, 253]) + bytes(200)
    client.send(hello, hello)  # It pays for the answer, and for asking again.
    assert len(client.asked) == 1
    client.port.now_ms += int(RETRY_MS * (1 + SPREAD))
    client.port.mux.tick(client.port.now_ms)
    client.send()
    assert len(client.asked) == 2


def test_it_takes_an_answer_that_comes_after_it_has_asked_again(client: Client) -> None:
    """From the other side of the world, or through a network that is full."""
    client.answer()
    client.answers = False
    client.check()
    client.port.now_ms += RETRY_MS
    client.check()
    assert len(client.asked) == 2
    client.send(client.success_of(client.asked[0]))
    assert client.transport.state is TransportState.HANDSHAKE


def test_it_asks_more_often_when_it_is_not_answered(client: Client) -> None:
    """A path that loses a third each way answers every other check."""
    client.connect()
    client.answers = False
    before = len(client.asked)
    # The first is due after 12 s at the latest, then one each second.
    for _ in range(170):
        client.port.now_ms += 100
        client.port.mux.tick(client.port.now_ms)
        client.send()
    asked = client.asked[before:]
    assert len(asked) >= 5
    client.send(client.success_of(asked[0]))
    client.answers = True
    client.wait(CONSENT_MS - 17_000)
    assert client.agent.may_send(client.port.now_ms)


def test_it_asks_again_every_few_seconds_and_never_in_step(client: Client) -> None:
    client.connect()
    asked_ms = []
    for _ in range(600):
        before = len(client.asked)
        client.port.now_ms += 100
        client.port.mux.tick(client.port.now_ms)
        client.send()
        if len(client.asked) > before:
            asked_ms.append(client.port.now_ms)
    gaps = [later - earlier for earlier, later in itertools.pairwise(asked_ms)]
    assert min(gaps) >= INTERVAL_MS * (1 - SPREAD)
    assert max(gaps) <= INTERVAL_MS * (1 + SPREAD) + 100
    assert len(set(gaps)) > 1


def test_it_stops_30_seconds_after_the_last_answer_and_says_no_farewell(client: Client) -> None:
    """The checks go on, as somebody's who forges them: they are no consent (RFC 7675)."""
    client.connect()
    client.wait(7000)
    client.answers = False
    answered_ms = client.port.now_ms
    while client.transport.is_connected and client.port.now_ms < answered_ms + 60_000:
        client.check()
        client.wait(1000)
        client.transport.send_rtp(RTP)
    assert CONSENT_MS - INTERVAL_MS * (1 + SPREAD) <= client.port.now_ms - answered_ms <= 30_000
    assert client.heard == ["connected", "consent_lost"]
    client.received()
    assert not client.transport.send_rtp(RTP)
    assert client.received() == [], "Not even a farewell."


def test_it_keeps_the_way_for_as_long_as_it_answers(client: Client) -> None:
    client.connect()
    for _ in range(40):
        client.check()
        client.wait(3000)
    assert client.transport.is_connected


def test_it_stays_where_it_is_while_the_new_address_is_silent(client: Client) -> None:
    client.connect()
    elsewhere = Client(client.port, client.transport)
    elsewhere.answers = False
    for _ in range(3):
        elsewhere.check()
    client.transport.send_rtp(RTP)
    assert media_in(client.received())
    assert not media_in(elsewhere.received())
    assert client.heard == ["connected"]


def test_it_does_not_give_a_silent_address_what_a_gone_one_had(client: Client) -> None:
    client.connect()
    elsewhere = Client(client.port, client.transport)
    elsewhere.answers = client.answers = False
    client.port.now_ms += STALE_MS + 1
    elsewhere.check(nominate=False)
    elsewhere.check()
    client.transport.send_rtp(RTP)
    assert not media_in(elsewhere.received())


@pytest.mark.parametrize(
    "make",
    [
        lambda client: client.success_of(client.asked[0], "not-the-password-of-this"),
        lambda client: stun.binding_success(bytes(12), ("127.0.0.1", 1), PASSWORD),
        lambda client: client.success_of(client.asked[0])[:-8],
        lambda client: stun.sealed(
            stun.BINDING_ERROR, stun.transaction_of(client.asked[0]), b"", PASSWORD
        ),
        lambda client: b"\x01\x01" + bytes(18),
    ],
    ids=["another password", "another transaction", "cut", "an error", "noise"],
)
def test_it_believes_no_answer_that_is_none(
    client: Client, make: Callable[[Client], bytes]
) -> None:
    client.answer()
    client.answers = False
    client.check()
    client.send(make(client))
    assert client.port.metrics.drops[Drop.STUN_UNASKED] == 1
    assert client.transport.address == b""


def test_it_believes_no_answer_from_elsewhere(client: Client) -> None:
    client.answer()
    client.answers = False
    client.check()
    elsewhere = Client(client.port, client.transport)
    elsewhere.send(client.success_of(client.asked[0]))
    assert client.transport.address == b""


def test_it_takes_an_answer_once(client: Client) -> None:
    client.answer()
    client.answers = False
    client.check()
    client.send(client.success_of(client.asked[0]))
    client.send(client.success_of(client.asked[0]))
    assert client.port.metrics.drops[Drop.STUN_UNASKED] == 1


def test_it_lets_nobody_keep_somebody_off_an_address_without_proof(client: Client) -> None:
    """Who forges a source address claims it first; who is there proves it."""
    thief = Client(client.port, client.port.open()[0])
    thief.agent.on_answer("theirs", "a-password-of-the-thief")
    thief.socket, thief.answers = client.socket, False
    thief.check()
    client.connect()
    thief.check()
    assert client.port.metrics.drops[Drop.STUN_ADDRESS_TAKEN] == 1
    assert client.transport.is_connected


def test_it_hears_a_handshake_that_was_early(client: Client) -> None:
    """Firefox would repeat its ClientHello after a whole second."""
    client.check()
    client.begins_handshake()
    assert client.transport.state is TransportState.NEW
    client.answer()
    assert client.handshakes, "The certificate comes without another word."


def test_it_forgets_what_it_asked_a_peer_that_left(client: Client) -> None:
    client.connect()
    client.port.mux.discard(client.transport)
    client.port.now_ms += 2 * INTERVAL_MS
    client.port.mux.tick(client.port.now_ms)
    assert client.received() == []
    checks = client.port.mux._checks
    assert not checks._unanswered
    assert not checks._queue
