"""How often one person may do a thing, across tabs, reconnects and processes: counted in Redis."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

import redis
from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from config.limits import LIMITS
from spaces.relay.connections import pool_in_loop

QUOTAS: Mapping[str, Sequence[RateLimitItem]] = {
    "request": (RateLimitItemPerMinute(LIMITS.requests_per_minute),),
    "join": (RateLimitItemPerMinute(LIMITS.joins_per_minute),),
    # Of an address: a class or a whole house may be behind one, a machine that hammers is faster still.
    "visit": (RateLimitItemPerMinute(LIMITS.visits_per_minute),),
}
log = logging.getLogger(__name__)

_limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, FixedWindowRateLimiter] = WeakKeyDictionary()


async def allows(kind: str, *who: str) -> bool:
    """Count one more and return whether it is within every limit. A Redis that is down limits nobody."""
    try:
        for rule in QUOTAS[kind]:
            if not await _limiter().hit(rule, kind, *who):
                return False
    except redis.RedisError as error:
        log.warning("A %s was not counted: %s", kind, error)
    return True


def _limiter() -> FixedWindowRateLimiter:
    """Return the limiter of the running event loop: its Redis client belongs to one."""
    loop = asyncio.get_running_loop()
    if loop not in _limiters:
        scheme = "async+redis+" if settings.REDIS_URL.startswith("unix:") else "async+"
        uri, pool = scheme + settings.REDIS_URL, pool_in_loop()
        storage = RedisStorage(uri, implementation="redispy", connection_pool=pool)  # type: ignore[arg-type]  # Untyped.
        _limiters[loop] = FixedWindowRateLimiter(storage)
    return _limiters[loop]
