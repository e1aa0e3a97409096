"""How often one user may do a thing, across tabs, reconnects and processes: counted in Redis."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import cast
from weakref import WeakKeyDictionary

import redis
from django.conf import settings
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from config.http.rate_limits import ROOM_RATES, network_of
from config.redis_clients import in_loop, pool_in_loop

# All windows of a kind in one round trip: reactions come by the thousand a second. Counted only if
# none is full.
_REACT = """
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('get', key) or '0') >= tonumber(ARGV[2 * i - 1]) then return 0 end
end
for i, key in ipairs(KEYS) do
  if redis.call('incr', key) == 1 then redis.call('expire', key, ARGV[2 * i]) end
end
return 1
"""
log = logging.getLogger(__name__)

# One for each event loop, because its Redis client belongs to one.
_limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, FixedWindowRateLimiter] = (
    WeakKeyDictionary()
)


async def allows(kind: str, *who: str) -> bool:
    """Count one more and return whether it is within every limit.

    While Redis is down no user is limited.
    """
    loop = asyncio.get_running_loop()
    if loop not in _limiters:
        # `limits` looks at the address to choose its storage, and then uses our pool.
        scheme = "async+redis+" if settings.REDIS_URL.startswith("unix:") else "async+"
        storage = RedisStorage(
            scheme + settings.REDIS_URL,
            implementation="redispy",
            connection_pool=pool_in_loop(),  # type: ignore[arg-type]  # Untyped.
        )
        _limiters[loop] = FixedWindowRateLimiter(storage)
    try:
        for rule in ROOM_RATES[kind]:
            if not await _limiters[loop].hit(rule, kind, *who):
                return False
    except redis.RedisError as error:
        log.warning("A %s was not counted: %s", kind, error)
    return True


async def may_enter(space: str, user: int | None, member: str, address: str) -> bool:
    """Count one more socket of a room and return whether it is within the limits."""
    if user is None:
        # A visitor has a new name with each socket, so only where it is from can be counted.
        return await allows("visit", network_of(address))
    return await allows("join", space, member)


async def may_react(space: str, member: str) -> bool:
    """Count a reaction and return whether it is within the second and the minute, whichever process
    it came to.
    """
    windows = ROOM_RATES["reaction"]
    keys = [f"reactions:{space}:{member}:{window.get_expiry()}" for window in windows]
    bounds = [str(bound) for window in windows for bound in (window.amount, window.get_expiry())]
    try:
        within = await cast("Awaitable[int]", in_loop().eval(_REACT, len(keys), *keys, *bounds))
    except redis.RedisError as error:
        log.warning("A reaction was not counted: %s", error)
        return True
    return bool(within)
