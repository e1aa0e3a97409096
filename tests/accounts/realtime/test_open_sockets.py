"""Sockets of one network, and of one person: many, but not any number."""

import pytest
from channels.testing import WebsocketCommunicator

from accounts.realtime import open_sockets
from accounts.realtime.open_sockets import NETWORKS, OpenSockets
from tests.accounts.realtime.sockets import ORIGIN, WAIT_S, wire


def test_it_lets_a_network_open_so_many_and_one_more_when_one_is_closed() -> None:
    sockets = OpenSockets(per_network=3, per_person=2, handshakes_per_s=1000)
    for _ in range(3):
        assert sockets.may_come("net", 1.0)
        sockets.opened("net", None)
    assert not sockets.may_come("net", 2.0)
    assert sockets.may_come("other", 2.0)
    sockets.closed("net", None)
    assert sockets.may_come("net", 3.0)


def test_it_lets_a_person_open_so_many_wherever_they_are() -> None:
    sockets = OpenSockets(per_network=9, per_person=2, handshakes_per_s=1000)
    sockets.opened("here", 1)
    sockets.opened("there", 1)
    assert not sockets.has_place(1)
    assert sockets.has_place(2)
    assert sockets.has_place(None), "visitors are counted by where they are"
    sockets.closed("there", 1)
    assert sockets.has_place(1)


def test_it_lets_all_come_at_once_and_then_at_a_pace() -> None:
    sockets = OpenSockets(per_network=100, per_person=9, handshakes_per_s=10)
    assert sum(sockets.may_come("net", 1.0) for _ in range(150)) == 100
    assert sum(sockets.may_come("net", 2.0) for _ in range(150)) == 10


def test_it_remembers_few_networks() -> None:
    sockets = OpenSockets(per_network=1, per_person=1, handshakes_per_s=1)
    for number in range(2 * NETWORKS):
        sockets.may_come(f"net{number}", 1.0)
    assert len(sockets._tokens) == NETWORKS
    assert not sockets._open


@pytest.mark.django_db(transaction=True)
async def test_it_turns_a_network_away_at_the_door_and_forgets_who_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sockets = OpenSockets(per_network=1, per_person=1, handshakes_per_s=1000)
    monkeypatch.setattr(open_sockets, "of_this_process", lambda: sockets)

    async def knock() -> tuple[WebsocketCommunicator, bool]:
        communicator = wire([(b"origin", ORIGIN.encode())])
        communicator.scope["client"] = ("192.0.2.7", 4711)
        is_in, _reason = await communicator.connect(WAIT_S)
        return communicator, is_in

    sockets.opened("192.0.2.7", None)
    turned_away, is_in = await knock()
    assert not is_in
    await turned_away.wait()
    sockets.closed("192.0.2.7", None)
    inside, is_in = await knock()
    assert is_in
    await inside.disconnect()
    assert not sockets._open
