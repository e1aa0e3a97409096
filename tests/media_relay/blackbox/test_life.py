"""How a relay begins, fills up, drains and dies."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import redis

from media_relay.protocol.relay import NODES_KEY, node_key, requests_key
from tests.bench.peer import Identity
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.stack.valkey import Valkey, running_valkey
from tests.stack.waiting import until, wait_until

SUPERVISOR_S = 5.0  # After so long `make run`, systemd and Docker lose their patience.


class Stage:
    """A relay of this test's own, with a room at it."""

    def __init__(self, relay: RelayProcess, bus: Bus, room: LightRoom) -> None:
        self.relay = relay
        self.bus = bus
        self.room = room
        self.scene = room.scene


async def raise_stage(valkey: Valkey, identity: Identity, **environment: str) -> Stage:
    relay = RelayProcess(valkey.url, environment).start()
    bus = await Bus(valkey.url, relay.relay).start()
    return Stage(relay, bus, LightRoom(Scene(bus), identity))


async def strike(stage: Stage) -> None:
    await stage.room.close()
    await stage.bus.close()
    stage.relay.kill()


def _catches_sigterm(pid: int) -> bool:
    """Whether a process has a handler for it yet (proc(5), SigCgt)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = int(next(line for line in lines if line.startswith("SigCgt")).split()[1], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.fixture
async def stage(valkey: Valkey, identity: Identity) -> AsyncIterator[Stage]:
    stage = await raise_stage(valkey, identity)
    yield stage
    await strike(stage)


@pytest.fixture
async def small_stage(valkey: Valkey, identity: Identity) -> AsyncIterator[Stage]:
    """A relay that has room for two."""
    stage = await raise_stage(valkey, identity, RELAY_MAX_PEERS="2")
    yield stage
    await strike(stage)


async def test_it_sends_everyone_away_when_it_is_told_to_end(stage: Stage) -> None:
    members = [await stage.room.join("alice", microphone=True), await stage.room.join("bob")]
    assert stage.relay.stop() == 0, stage.relay.log
    for member in members:
        assert (await stage.bus.expect(member.id, "relay.closed"))["reason"] == "drained"
    for peer in [member.peer for member in members]:
        await until(partial(getattr, peer, "closed_by_relay"), "the close_notify of DTLS")
    assert "Traceback" not in stage.relay.log


async def test_it_is_through_with_a_crowd_before_a_supervisor_kills_it(stage: Stage) -> None:
    alice = await stage.room.join("alice", microphone=True, camera=True)
    members = [alice, *[await stage.room.join() for _ in range(60)]]
    stage.room.keep_speaking(alice)
    stage.room.keep_filming(alice)
    await members[-1].hears()
    stopping = asyncio.create_task(
        asyncio.to_thread(stage.relay.stop, SUPERVISOR_S), name="stopping"
    )
    for member in members:
        assert (await stage.bus.expect(member.id, "relay.closed"))["reason"] == "drained"
    assert await stopping == 0, stage.relay.log


async def test_it_ends_in_time_when_redis_has_died_before_it(identity: Identity) -> None:
    """Ctrl-C reaches all processes at once, and Redis is gone first."""
    with running_valkey() as valkey:
        stage = await raise_stage(valkey, identity)
        try:
            await stage.room.join("alice", microphone=True)
            valkey.kill()
            assert await asyncio.to_thread(stage.relay.stop, SUPERVISOR_S) == 0, stage.relay.log
            assert "Traceback" not in stage.relay.log
        finally:
            await strike(stage)


def test_it_ends_when_told_to_while_it_still_waits_for_redis() -> None:
    relay = RelayProcess("unix:///nowhere/valkey.sock")
    relay.process = relay._spawn()
    try:
        wait_until(lambda: _catches_sigterm(relay.pid), "it is ready to be told", 15)
        assert relay.stop(SUPERVISOR_S) == 0, relay.log
    finally:
        relay.kill()


def test_it_leaves_nothing_in_redis_when_it_has_ended(valkey: Valkey) -> None:
    relay = RelayProcess(valkey.url).start()
    assert relay.stop() == 0, relay.log
    with redis.Redis.from_url(valkey.url) as client:
        assert client.zscore(NODES_KEY, relay.relay) is None
        assert client.exists(node_key(relay.relay), requests_key(relay.relay)) == 0


async def test_it_refuses_one_more_than_it_has_room_for(small_stage: Stage) -> None:
    first, _ = await small_stage.room.join("alice"), await small_stage.room.join("bob")
    reply = await small_stage.bus.ask(small_stage.scene.grant("carol", stage=False))
    assert (reply["type"], reply["code"]) == ("relay.error", "relay_full")
    await until(lambda: small_stage.relay.node()["full"], "the heartbeat says so too")
    await small_stage.room.leave(first)
    await until(lambda: small_stage.relay.peers == 1, "one has left")
    await small_stage.room.join("carol")


async def test_it_goes_on_without_redis_and_works_again_when_it_is_back(identity: Identity) -> None:
    with running_valkey() as valkey:
        stage = await raise_stage(valkey, identity)
        try:
            alice, bob = (
                await stage.room.join("alice", microphone=True),
                await stage.room.join("bob"),
            )
            stage.room.keep_speaking(alice)
            await bob.hears()
            valkey.kill()
            await bob.hears(packets=50)
            valkey.start()
            await until(
                lambda: stage.relay.node().get("peers") == 2, "a heartbeat in the new Redis", 15
            )
            await bob.hears()
            assert stage.relay.alive
            assert "Traceback" not in stage.relay.log
        finally:
            await strike(stage)


@pytest.mark.parametrize(
    "environment",
    [
        {"RELAY_PORT": "no"},
        {"RELAY_PORT": "70000"},
        {"RELAY_ADDRESSES": "here"},
        {"RELAY_ID": "../x"},
    ],
    ids=lambda environment: next(iter(environment)),
)
def test_it_says_in_one_line_what_is_wrong_with_its_settings(
    valkey: Valkey, environment: dict[str, str]
) -> None:
    relay = RelayProcess(valkey.url, environment)
    with pytest.raises(AssertionError, match="ended while starting"):
        relay.start()
    assert next(iter(environment)) in relay.log
    assert len(relay.log.splitlines()) == 1


def test_it_says_when_its_port_is_taken(valkey: Valkey) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        relay = RelayProcess(valkey.url, {"RELAY_PORT": str(taken.getsockname()[1])})
        with pytest.raises(AssertionError, match="ended while starting"):
            relay.start()
    assert "cannot start" in relay.log
    assert "Traceback" not in relay.log


def test_it_waits_for_redis_to_come_up() -> None:
    valkey = Valkey()
    relay = RelayProcess(valkey.url)
    relay.process = relay._spawn()
    try:
        wait_until(lambda: relay.alive, "the relay runs without Redis")
        valkey.start()
        with redis.Redis.from_url(valkey.url) as client:
            wait_until(lambda: client.zcard(NODES_KEY) == 1, "its heartbeat", 15)
    finally:
        relay.kill()
        valkey.remove()
