"""Whoever sees a relay end takes it out of the register, with the rights of the relay alone."""

import time

import pytest
import redis

from media_relay import gone
from media_relay.protocol.relay import NODES_KEY, gone_key, node_key


def test_it_takes_a_dead_relay_out_and_says_so(
    own_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_redis.zadd(NODES_KEY, {"relay-dead": time.time(), "relay-alive": time.time()})
    own_redis.set(node_key("relay-dead"), "{}")
    path = own_redis.connection_pool.connection_kwargs["path"]
    monkeypatch.setenv("REDIS_URL", f"unix://{path}")
    monkeypatch.setenv("RELAY_ID", "relay-dead")
    assert gone.main() == 0
    assert own_redis.zrange(NODES_KEY, 0, -1) == [b"relay-alive"]
    assert not own_redis.exists(node_key("relay-dead"))
    assert 0 < own_redis.ttl(gone_key("relay-dead")) <= gone.KEPT_S


def test_it_says_that_redis_is_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", "unix:///no/such/socket")
    monkeypatch.setenv("RELAY_ID", "relay-dead")
    assert gone.main() == 1
    assert "stays in the register" in capsys.readouterr().err
