"""What load balancers ask. The database and Redis are the test run's real ones."""

import time

import pytest
import redis
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from redis.exceptions import ConnectionError as RedisConnectionError

from media_relay.protocol import NODE_DEAD_S, NODES_KEY
from spaces.relay import connections
from tests.stack.valkey import running_valkey

pytestmark = pytest.mark.django_db


def test_it_is_alive_without_asking_anybody(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_it_is_ready_with_database_redis_and_a_relay(client: Client, own_redis: redis.Redis) -> None:
    own_redis.zadd(NODES_KEY, {"relay-1": time.time()})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "redis": True, "relay": True})


def test_it_is_not_ready_when_the_relays_heart_has_stopped(client: Client, own_redis: redis.Redis) -> None:
    own_redis.zadd(NODES_KEY, {"relay-1": time.time() - NODE_DEAD_S - 1})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["relay"]) == (503, False)


def test_it_is_not_ready_when_redis_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_valkey() as server:
        gone = redis.Redis.from_url(server.url)
    with pytest.raises(RedisConnectionError):
        gone.ping()
    monkeypatch.setattr(connections, "blocking", lambda: gone)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "redis": False, "relay": False})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_answers_no_writes(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
