"""The bus over a real Valkey, which goes away and comes back."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import redis
from msgspec.structs import replace

from media_relay.metrics import Drop, Metrics
from media_relay.protocol.relay import (
    NODES_KEY,
    Assignment,
    Closed,
    Connected,
    Node,
    PathHealth,
    PathQuality,
    RelayMessage,
    Speaker,
    gone_key,
    node_key,
    requests_key,
)
from media_relay.redis import bus as bus_module
from media_relay.redis.bus import GATHER_S, Bus
from tests.stack.valkey import Valkey, running_valkey
from tests.stack.waiting import stays, until

RELAY = "relay-test"


def node() -> Node:
    return Node(RELAY, "127.0.0.1", 5004, peers=3, cpu=0.1, draining=False, full=False)


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


class Requests:
    """Takes the requests that the bus hands over."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def __call__(self, text: bytes) -> None:
        self.taken.append(text)
        if text == b"broken":
            raise RuntimeError("A mistake in a handler.")


@pytest.fixture
async def requests(valkey: Valkey) -> AsyncIterator[Requests]:
    bus, requests = Bus(valkey.url, RELAY, Metrics()), Requests()
    await bus.start(requests, node)
    yield requests
    await bus.stop()


@pytest.fixture
def client(valkey: Valkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        yield client


async def test_it_says_that_it_lives_before_it_takes_requests(
    requests: Requests, client: redis.Redis
) -> None:
    assert client.zscore(NODES_KEY, RELAY) is not None
    assert json.loads(client.get(node_key(RELAY)) or b"")["peers"] == 3


async def test_it_takes_back_the_word_of_its_death(valkey: Valkey, client: redis.Redis) -> None:
    """A relay may keep its name over restarts; nobody may be sent away from the one that lives."""
    client.set(gone_key(RELAY), 1)
    bus = Bus(valkey.url, RELAY, Metrics())
    await bus.start(Requests(), node)
    assert not client.exists(gone_key(RELAY))
    await bus.stop()


async def test_it_hands_requests_over_in_order_and_once(
    requests: Requests, client: redis.Redis
) -> None:
    for number in range(250):
        client.xadd(requests_key(RELAY), {"json": str(number)})
    await until(lambda: len(requests.taken) == 250, "all requests")
    assert requests.taken == [str(number).encode() for number in range(250)]
    await until(
        lambda: client.xlen(requests_key(RELAY)) <= 1, "the next heartbeat trims what is done"
    )


async def test_it_reads_what_comes_at_once_in_few_round_trips(
    requests: Requests, client: redis.Redis
) -> None:
    def ask() -> None:
        for number in range(300):
            client.xadd(requests_key(RELAY), {"json": str(number)})

    reads, begun = _reads(client), time.monotonic()
    await asyncio.to_thread(ask)
    await until(lambda: len(requests.taken) == 300, "all requests")
    assert _reads(client) - reads <= (time.monotonic() - begun) / GATHER_S + 2


def _reads(client: redis.Redis) -> int:
    found = client.info("commandstats")
    assert isinstance(found, dict)
    # The first one may still wait for its answer.
    return int(found.get("cmdstat_xread", {"calls": 0})["calls"])


async def test_it_takes_what_was_asked_before_it_started(
    valkey: Valkey, client: redis.Redis
) -> None:
    """A supervisor starts a dead relay again under its old name; grants of that second are still
    good.
    """
    client.xadd(requests_key("relay-heir"), {"json": "early"})
    bus, requests = Bus(valkey.url, "relay-heir", Metrics()), Requests()
    await bus.start(requests, node)
    await until(lambda: requests.taken == [b"early"], "the early request")
    await bus.stop()


async def test_it_goes_on_after_a_request_that_breaks_its_handler(
    requests: Requests, client: redis.Redis
) -> None:
    for text in ("broken", "next"):
        client.xadd(requests_key(RELAY), {"json": text})
    await until(lambda: requests.taken == [b"broken", b"next"], "the next request")


async def test_it_takes_an_entry_without_the_field_for_an_empty_request(
    requests: Requests, client: redis.Redis
) -> None:
    client.xadd(requests_key(RELAY), {"something": "else"})
    await until(lambda: requests.taken == [b""], "the entry")


async def test_it_survives_a_server_that_was_away() -> None:
    metrics, requests = Metrics(), Requests()
    with running_valkey() as server:
        bus = Bus(server.url, RELAY, metrics)
        await bus.start(requests, node)
        server.kill()
        server.start()
        with redis.Redis.from_url(server.url) as client:
            client.xadd(requests_key(RELAY), {"json": "after"})
            await until(lambda: requests.taken == [b"after"], "the first request after the restart")
            await until(lambda: client.zscore(NODES_KEY, RELAY) is not None, "a heartbeat")
        await bus.stop()


@pytest.mark.parametrize("missing", [Valkey.full, Valkey.read_only])
async def test_it_goes_on_while_and_after_its_server_takes_no_writes(
    valkey: Valkey, client: redis.Redis, missing: Callable[[Valkey], AbstractContextManager[None]]
) -> None:
    name = "relay-refused"
    bus, requests = Bus(valkey.url, name, Metrics()), Requests()
    await bus.start(requests, lambda: replace(node(), relay=name))
    # Theirs is untyped.
    with client.pubsub(ignore_subscribe_messages=True) as web:  # type: ignore[no-untyped-call]
        web.subscribe("web")
        try:
            with missing(valkey):
                await until(lambda: client.get(node_key(name)) is None, "it looks dead", 20)
                bus.to_peer("web", Connected("peer"))
                await until(lambda: web.get_message(timeout=0), "what it says is heard")
            client.xadd(requests_key(name), {"json": "again"})
            await until(lambda: requests.taken == [b"again"], "it reads")
            await until(lambda: client.get(node_key(name)), "it lives")
        finally:
            await bus.stop()


async def test_it_loses_messages_rather_than_time_when_nobody_takes_them() -> None:
    metrics = Metrics()
    bus = Bus("redis://127.0.0.1:1/0", RELAY, metrics)
    for _ in range(10_010):
        bus.to_peer("somebody", Connected("peer"))
    assert metrics.drops[Drop.BUS_BACKLOG] == 10


@pytest.fixture
def repeating(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> tuple[Bus, list[Any]]:  # Any: relay messages.
    """A bus that says again soon, and what it says."""
    monkeypatch.setattr(bus_module, "SAY_AGAIN_S", 0.3)
    bus = Bus(valkey.url, "relay-repeating", Metrics())
    said: list[Any] = []
    monkeypatch.setattr(bus, "_queue", lambda channel, message: said.append(message))
    return bus, said


async def test_it_says_once_more_what_pages_go_by(repeating: tuple[Bus, list[Any]]) -> None:
    bus, said = repeating
    one, two = (Speaker(Assignment(active=user), personal=False) for user in ("1", "2"))
    bad = PathHealth("peer", PathQuality.POOR, PathQuality.GOOD)
    bus.to_space("s", one)
    bus.to_space("s", two)
    bus.to_peer("socket", bad)
    bus.to_peer("socket", Connected("peer"))
    first = [one, two, bad, Connected("peer")]
    assert said == first
    # The newest of each, once: never what holds no more.
    await until(lambda: len(said) > 6, "it is said again")
    assert said == [*first, two, bad, Connected("peer")]
    await stays(lambda: len(said) == 7, "once is enough", 0.4)


async def test_it_says_once_more_that_a_peer_is_closed_and_nothing_else_of_it(
    repeating: tuple[Bus, list[Any]],
) -> None:
    bus, said = repeating
    of_other = PathHealth("other", PathQuality.POOR, PathQuality.GOOD)
    first: list[RelayMessage] = [Connected("peer"), of_other, Closed("peer", "drained")]
    for message in first:
        bus.to_peer("socket", message)
    await until(lambda: len(said) > 4, "it is said again")
    assert said == [*first, of_other, Closed("peer", "drained")]
    await stays(lambda: len(said) == 5, "once is enough", 0.4)


async def test_it_forgets_itself_when_it_stops(valkey: Valkey, client: redis.Redis) -> None:
    bus = Bus(valkey.url, "relay-leaving", Metrics())
    await bus.start(Requests(), lambda: Node("relay-leaving", "127.0.0.1", 1, 0, 0.0, False, False))
    await bus.stop()
    assert client.zscore(NODES_KEY, "relay-leaving") is None
    assert not client.exists(node_key("relay-leaving"))
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("bus")]
