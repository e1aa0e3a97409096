import asyncio
import socket
import time

import pytest
import redis

from config.monitoring import heartbeat
from config.supervisor import ports, probes
from config.supervisor.errors import StartError
from media_relay.protocol import egress, relay
from tests.stack.valkey import Valkey, running_valkey


def test_it_looks_where_relays_write() -> None:
    assert probes.RELAYS_KEY == relay.NODES_KEY
    assert probes.RELAY_KEY.format("relay-1") == relay.node_key("relay-1")


async def test_it_knows_a_redis_that_answers(own_valkey: Valkey) -> None:
    assert await probes.answers_redis(own_valkey.url)()
    assert not await probes.answers_redis("unix:///no/such/socket")()


async def test_it_waits_for_the_heartbeat_of_this_very_relay(
    own_valkey: Valkey, own_redis: redis.Redis
) -> None:
    probe = probes.relay_has_heartbeat(own_valkey.url, "relay-2")
    own_redis.zadd(relay.NODES_KEY, {"relay-1": time.time()})
    assert not await probe()
    own_redis.zadd(relay.NODES_KEY, {"relay-2": time.time()})
    assert await probe()


async def test_it_takes_a_silent_redis_for_a_relay_that_is_not_there() -> None:
    assert not await probes.relay_has_heartbeat("unix:///no/such/socket", "relay-1")()


async def test_it_hears_whether_an_egress_has_heartbeat(
    own_valkey: Valkey, own_redis: redis.Redis
) -> None:
    assert probes.EGRESS_KEY == egress.EGRESS_NODES_KEY
    probe = probes.egress_has_heartbeat(own_valkey.url, "egress-1")
    assert not await probe()
    own_redis.zadd(egress.EGRESS_NODES_KEY, {"egress-1": time.time() - 60})
    assert not await probe()
    own_redis.zadd(egress.EGRESS_NODES_KEY, {"egress-1": time.time()})
    assert await probe()
    assert await probes.egress_has_heartbeat("unix:///no/such/socket", "egress-1")(), (
        "A Redis that is down proves nothing."
    )


async def test_it_hears_an_egress_begin_and_not_the_one_before(
    own_valkey: Valkey, own_redis: redis.Redis
) -> None:
    since = time.time()
    probe = probes.egress_has_beaten(own_valkey.url, "egress-1", since)
    assert not await probe()
    own_redis.zadd(egress.EGRESS_NODES_KEY, {"egress-1": since - 1})
    assert not await probe()
    own_redis.zadd(egress.EGRESS_NODES_KEY, {"egress-1": since + 1})
    assert await probe()
    assert not await probes.egress_has_beaten("unix:///no/such/socket", "egress-1", since)()


async def test_it_strikes_a_dead_relay_from_the_register(
    own_valkey: Valkey, own_redis: redis.Redis
) -> None:
    own_redis.zadd(relay.NODES_KEY, {"relay-1": 1, "relay-2": 1})
    own_redis.set(relay.node_key("relay-1"), "{}")
    await probes.forget_relay(own_valkey.url, "relay-1")
    assert own_redis.zrange(relay.NODES_KEY, 0, -1) == [b"relay-2"]
    assert not own_redis.exists(relay.node_key("relay-1"))
    assert own_redis.exists(relay.gone_key("relay-1"))


async def test_it_lets_the_heartbeat_tell_when_redis_died_with_the_relay() -> None:
    await probes.forget_relay("unix:///no/such/socket", "relay-1")


@pytest.mark.parametrize(
    ("answer", "expected"), [(b"HTTP/1.1 301 Moved\r\n\r\n", True), (b"SSH-2.0\r\n", False)]
)
async def test_it_takes_any_http_answer_for_a_web_server(answer: bytes, expected: bool) -> None:
    asked = []

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(on_connection, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await probes.answers_http(port, "parley.example")() is expected
    assert b"Host: parley.example\r\n" in asked[0]


async def test_it_finds_nobody_on_a_port_that_is_free() -> None:
    assert not await probes.answers_http(ports.free_port(), "localhost")()


def test_it_says_who_to_move_when_a_port_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StartError, match=rf"Port {port} is taken .* PORT={port + 1}"):
            ports.require_free("127.0.0.1", port, "PORT", socket.SOCK_STREAM)


def test_it_sees_a_datagram_port_that_is_taken() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(StartError, match="RELAY_PORT"):
            ports.require_free("127.0.0.1", other.getsockname()[1], "RELAY_PORT", socket.SOCK_DGRAM)


def test_it_says_when_an_address_is_not_this_machines() -> None:
    with pytest.raises(StartError, match="set BIND"):
        # RFC 5737: nobody has it.
        ports.require_free("203.0.113.7", 8000, "PORT", socket.SOCK_STREAM)


def test_it_is_content_with_a_free_port() -> None:
    ports.require_free("127.0.0.1", ports.free_port(), "PORT", socket.SOCK_STREAM)


@pytest.mark.parametrize(
    ("age_s", "waiting", "hears", "sends"),
    [
        (1, 0, True, True),
        (1, 5, True, True),
        (60, 5, False, True),
        (60, 0, True, False),
        (None, 3, False, True),
    ],
)
async def test_it_tells_a_deaf_worker_from_a_silent_beat(
    own_redis: redis.Redis,
    own_valkey: Valkey,
    age_s: float | None,
    waiting: int,
    hears: bool,
    sends: bool,
) -> None:
    if age_s is not None:
        own_redis.set(heartbeat.key_of("clock"), str(time.time() - age_s))
    for _ in range(waiting):
        own_redis.rpush("clock", "a task")
    assert await probes.takes_tasks(own_valkey.url, "clock")() is hears
    assert await probes.sends_tasks(own_valkey.url, "clock")() is sends


async def test_it_blames_nobody_while_redis_is_away() -> None:
    with running_valkey() as server:
        url = server.url
    assert await probes.takes_tasks(url, "clock")()
    assert await probes.sends_tasks(url, "clock")()


@pytest.mark.parametrize("state", ["full", "read-only"])
async def test_it_blames_nobody_while_redis_takes_no_heartbeat(state: str) -> None:
    """Killing them every few seconds would only add to the outage."""
    with running_valkey() as server, redis.Redis.from_url(server.url) as client:
        client.rpush("clock", "waits")
        client.zadd(egress.EGRESS_NODES_KEY, {"egress-1": time.time() - 60})
        asked = [
            probes.takes_tasks(server.url, "clock"),
            probes.egress_has_heartbeat(server.url, "egress-1"),
        ]
        assert [await probe() for probe in asked] == [False, False]
        if state == "full":
            client.config_set("maxmemory", 1)
        else:
            client.replicaof("127.0.0.1", "1")
        assert [await probe() for probe in asked] == [True, True]
