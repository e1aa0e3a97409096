"""Reactions, merged: many hands, few messages (RULES §8)."""

import asyncio
from collections import Counter
from weakref import WeakKeyDictionary

from django.conf import settings
from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from config.limits import LIMITS
from spaces.relay.connections import TIMEOUT_S

# Named people in one message; the rest of a big room's reactions are counts without a name.
NAMED_MAX = 50
SMALL_ROOM, BIG_ROOM = 100, 1000
SMALL_EVERY_S, MIDDLE_EVERY_S, BIG_EVERY_S = 0.05, 0.25, 1.0

Item = tuple[int | None, str, int]


class ReactionBatch:
    """Reactions of one room since the last message."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int | None, str]] = Counter()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, user: int | None, emoji: str, count: int = 1) -> None:
        """Count a reaction; once enough people are named, others count without a name, so that a batch stays small."""
        key = (user, emoji)
        if key not in self._counts and len(self._counts) >= NAMED_MAX:
            key = (None, emoji)
        self._counts[key] += count

    def take(self) -> list[Item]:
        """Return what there is and start anew."""
        items = [(user, emoji, count) for (user, emoji), count in self._counts.items()]
        self._counts.clear()
        return items


def interval_s(listeners: int) -> float:
    """Return how long reactions are gathered before they are shown."""
    if listeners > BIG_ROOM:
        return BIG_EVERY_S
    return MIDDLE_EVERY_S if listeners > SMALL_ROOM else SMALL_EVERY_S


class ReactionLimit:
    """≤ 1 per second and 20 per minute a person, across tabs and processes."""

    def __init__(self) -> None:
        scheme = "async+redis+" if settings.REDIS_URL.startswith("unix:") else "async+"
        storage = RedisStorage(scheme + settings.REDIS_URL, implementation="redispy", socket_timeout=TIMEOUT_S)
        self._limiter = FixedWindowRateLimiter(storage)
        self._rules = (
            RateLimitItemPerSecond(1, max(1, LIMITS.reaction_every_ms // 1000)),
            RateLimitItemPerMinute(LIMITS.reactions_per_minute),
        )

    async def allows(self, space: str, user: int) -> bool:
        for rule in self._rules:
            if not await self._limiter.hit(rule, "reaction", space, str(user)):
                return False
        return True


_limits: WeakKeyDictionary[asyncio.AbstractEventLoop, ReactionLimit] = WeakKeyDictionary()


def limit() -> ReactionLimit:
    """Return the limit of the running event loop: its Redis client belongs to one."""
    loop = asyncio.get_running_loop()
    if loop not in _limits:
        _limits[loop] = ReactionLimit()
    return _limits[loop]
