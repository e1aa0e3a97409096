"""A Redis that does not answer is waited for once, not once for each question of a page."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from config import json_cache, redis_clients
from config.http import rate_limits
from tests.stack.valkey import Valkey, running_valkey
from tests.stack.waiting import wait_until


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A server that only these tests stop, used by everything that asks without an event loop."""
    usual = settings.REDIS_URL
    with running_valkey() as server:
        settings.REDIS_URL = server.url
        _forget()
        try:
            yield server
        finally:
            settings.REDIS_URL = usual
            _forget()


def _forget() -> None:
    redis_clients.blocking.cache_clear()
    rate_limits._limiter.cache_clear()
    redis_clients.outage.end()
    json_cache._absence._try_at = None


def test_it_waits_for_a_silent_redis_once(valkey: Valkey) -> None:
    client = redis_clients.blocking()
    client.set("a", "b")
    os.kill(valkey.pid, signal.SIGSTOP)
    begun = time.monotonic()
    try:
        for _ in range(10):
            with pytest.raises(redis.RedisError):
                client.get("a")
        took_s = time.monotonic() - begun
    finally:
        os.kill(valkey.pid, signal.SIGCONT)
    assert took_s < redis_clients.TIMEOUT_S + 2
    wait_until(lambda: _answers(client), "Redis is asked again by itself", 10)


def _answers(client: redis.Redis) -> bool:
    try:
        return client.get("a") == b"b"
    except redis.RedisError:
        return False


def test_it_counts_in_this_process_while_redis_is_away(valkey: Valkey) -> None:
    valkey.kill()
    most = int(rate_limits.RATES["code"].amount)
    allowed = [rate_limits.hit("code", "user:1") for _ in range(most + 1)]
    assert allowed == [*[True] * most, False], "Neither refused for our fault, nor unlimited."
    assert rate_limits.wait_s("code", "user:1") > 1
    rate_limits.forget("code", "user:1")
    assert rate_limits.hit("code", "user:1")


@pytest.mark.parametrize("fault", ["away", "full", "read-only"])
def test_it_keeps_counts_of_wrong_passwords_in_the_cache_meanwhile(
    valkey: Valkey, fault: str
) -> None:
    """allauth reads a list from the cache, adds to it, and writes it back."""
    if fault == "away":
        valkey.kill()
    elif fault == "full":
        redis_clients.blocking().config_set("maxmemory", 1)
    else:
        redis_clients.blocking().replicaof("127.0.0.1", "1")
    guesses, lock = f"guesses-{fault}", f"lock-{fault}"
    for _ in range(4):
        cache.set(guesses, [*cache.get(guesses, []), 1], 60)
    assert cache.get(guesses) == [1, 1, 1, 1]
    assert cache.add(lock, True) and not cache.add(lock, True)


def test_it_writes_to_redis_again_when_that_is_back(valkey: Valkey) -> None:
    valkey.kill()
    cache.set("word", "here")
    valkey.start()

    def is_there() -> bool:
        cache.set("word", "there")
        return bool(redis_clients.blocking().exists(cache.make_key("word")))

    wait_until(lambda: _without_errors(is_there), "the cache is Redis again", 10)


def _without_errors(look: object) -> bool:
    try:
        return bool(look())  # type: ignore[operator]  # A function.
    except redis.RedisError:
        return False
