"""What relays are told of a Space's policy, in whatever order processes say it."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
import redis

from config import redis_clients
from media_relay.protocol import relay as protocol
from media_relay.protocol.relay import Policy, Sources
from spaces.relay import client

RELAY = "r1"


@pytest.fixture(autouse=True)
def relay() -> None:
    """A relay that has peers of the Space and gives signs of life."""
    link = redis_clients.blocking()
    link.sadd(client.relays_key("s"), RELAY)
    link.zadd(protocol.NODES_KEY, {RELAY: 9e9})


def kept() -> int | None:
    text = redis_clients.blocking().get(protocol.policy_key("s"))
    return json.loads(text)["rev"] if isinstance(text, bytes) else None


def told() -> list[int]:
    entries = redis_clients.blocking().xrange(protocol.requests_key(RELAY))
    found = (
        fields[b"json"] for _, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", entries)
    )
    return [cast("protocol.SetPolicy", protocol.parse_request(text)).policy.rev for text in found]


def test_it_keeps_the_policy_and_tells_the_relays_of_the_space() -> None:
    policy = Policy("s", 7, {"1": Sources(microphone=True)}, "1")
    assert client.send_policy(policy)
    text = redis_clients.blocking().get(protocol.policy_key("s"))
    assert isinstance(text, bytes)
    assert json.loads(text)["publishers"] == {
        "1": {"microphone": True, "camera": False, "screen": False}
    }
    assert told() == [7]


def test_it_does_not_let_an_older_policy_follow_a_newer_one() -> None:
    """Two commits in a row, told in the wrong order: a mute by the second must stay."""
    assert client.send_policy(Policy("s", 9))
    assert not client.send_policy(Policy("s", 8, {"1": Sources(microphone=True)}))
    assert (kept(), told()) == (9, [9])


def test_it_renews_the_lease_by_the_same_policy() -> None:
    client.send_policy(Policy("s", 9))
    redis_clients.blocking().expire(protocol.policy_key("s"), 5)
    assert client.send_policy(Policy("s", 9))
    assert redis_clients.blocking().ttl(protocol.policy_key("s")) > Policy.LEASE_S - 5
    assert told() == [9, 9]


def test_it_ends_with_the_newest_when_many_processes_tell_at_once() -> None:
    start = threading.Barrier(16)

    def tell(rev: int) -> None:
        start.wait(10)
        client.send_policy(Policy("s", rev))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(tell, [16, 3, 8, 1, 12, 5, 15, 2, 10, 7, 14, 4, 11, 6, 13, 9]))
    assert kept() == 16
    assert told() == sorted(told()), "A relay is never told an older policy after a newer one."


def test_it_keeps_the_policy_of_a_space_without_relays(own_redis: redis.Redis) -> None:
    redis_clients.blocking().delete(client.relays_key("s"))
    assert client.send_policy(Policy("s", 1))
    assert (kept(), told()) == (1, [])
