"""Connections to Redis: one blocking pool a process, one async client an event loop."""

import asyncio
from functools import cache
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings

# Redis is on this machine or the next; a slower answer is an outage, and nobody may hang on it.
TIMEOUT_S = 3
# A process; who finds all busy waits a millisecond for one instead of being refused.
CONNECTIONS = 16

OPTIONS: dict[str, float] = {
    "max_connections": CONNECTIONS,
    "timeout": TIMEOUT_S,
    "socket_timeout": TIMEOUT_S,
    "socket_connect_timeout": TIMEOUT_S,
}

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()


@cache
def blocking() -> redis.Redis:
    """Return the client for threads and workers. Its pool notices a fork by itself."""
    return redis.Redis.from_pool(
        redis.BlockingConnectionPool.from_url(settings.REDIS_URL, **OPTIONS)
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
