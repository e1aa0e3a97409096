"""Connections to Redis: one blocking pool a process, one async client an event loop."""

import asyncio
import threading
import time
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis.connection import parse_url

# Redis is on this machine or the next; a slower answer is an outage, and nobody may hang on it.
TIMEOUT_S = 3
CONNECT_TIMEOUT_S = 1
# A process; who finds all busy waits a millisecond for one instead of being refused.
CONNECTIONS = 16
# Once it was silent, one caller at a time asks again this often; all others are refused at once. A
# page asks Redis a dozen times, and must not wait a dozen times.
ASK_AGAIN_S = 1.0

OPTIONS: dict[str, float] = {
    "max_connections": CONNECTIONS,
    "timeout": TIMEOUT_S,
    "socket_timeout": TIMEOUT_S,
    "socket_connect_timeout": CONNECT_TIMEOUT_S,
}

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()


class Outage:
    """Whether Redis was silent when this process asked last. Shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ask_at: float | None = None  # Monotonic second; None while Redis answers.

    @property
    def is_on(self) -> bool:
        return self._ask_at is not None

    def may_ask(self) -> bool:
        """True while Redis answers, and for one caller a second while it does not."""
        if self._ask_at is None:
            return True
        with self._lock:
            now = time.monotonic()
            if self._ask_at is not None and now < self._ask_at:
                return False
            # Longer than this caller may have to wait for its answer.
            self._ask_at = now + CONNECT_TIMEOUT_S + TIMEOUT_S + ASK_AGAIN_S
            return True

    def begin(self) -> None:
        self._ask_at = time.monotonic() + ASK_AGAIN_S

    def end(self) -> None:
        self._ask_at = None


outage = Outage()


class _Watched:
    """Of a connection: tells `outage` what it meets. `Any` is what redis-py passes through."""

    def connect_check_health(self, *args: Any, **options: Any) -> None:
        try:
            super().connect_check_health(*args, **options)  # type: ignore[misc]  # A mixin.
        except (redis.ConnectionError, redis.TimeoutError):
            outage.begin()
            raise

    def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            answer = super().read_response(*args, **options)  # type: ignore[misc]  # A mixin.
        except redis.TimeoutError:
            # A lost connection alone says little: the next one may stand at once.
            outage.begin()
            raise
        except redis.ResponseError:
            outage.end()
            raise
        outage.end()
        return answer


class _Pool(redis.BlockingConnectionPool):
    def get_connection(self, *args: Any, **options: Any) -> Any:
        """Raises ConnectionError at once while Redis is known to be silent. Any: redis-py's own."""
        if not outage.may_ask():
            raise redis.ConnectionError("Redis did not answer a moment ago.")
        return super().get_connection(*args, **options)  # type: ignore[no-untyped-call]


@cache
def blocking() -> redis.Redis:
    """Return the client for threads and workers. Its pool notices a fork by itself."""
    # redis-py leaves both calls untyped.
    place = parse_url(settings.REDIS_URL)  # type: ignore[no-untyped-call]
    plain = place.get("connection_class", redis.Connection)
    watched = type(plain.__name__, (_Watched, plain), {})
    return redis.Redis.from_pool(
        _Pool.from_url(settings.REDIS_URL, connection_class=watched, **OPTIONS)
    )


def in_loop() -> redis.asyncio.Redis:
    """Return the client of the running event loop."""
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        client = _clients[loop] = redis.asyncio.Redis.from_pool(pool_in_loop())
    return client


def pool_in_loop() -> redis.asyncio.BlockingConnectionPool:
    """Return a new pool for the running event loop, for clients that others make."""
    return redis.asyncio.BlockingConnectionPool.from_url(settings.REDIS_URL, **OPTIONS)
