"""One egress per Space: a key in Redis that its holder renews, and that runs out with it."""

import time
from collections.abc import Callable

import redis.asyncio

# Another takes over this long after the last renewal, plus one look round: below 10 s (RULES §8).
LEASE_S = 5.0
GRACE_S = 0.5  # The holder gives up so much earlier than the others may begin.

_TAKE = """
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_GIVE = "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end"


def lease_key(space: str) -> str:
    return f"egress:lease:{space}"


class Lease:
    """`is_held` goes by our own clock: a process that slept, or lost Redis, knows that it is too
    late.
    """

    def __init__(
        self,
        link: redis.asyncio.Redis,
        space: str,
        holder: str,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = link
        self._key = lease_key(space)
        self._holder = holder
        self._now_s = now_s
        self._until_s = float("-inf")

    @property
    def is_held(self) -> bool:
        return self._now_s() < self._until_s

    async def take(self) -> bool:
        """Take the lease or renew it; False if somebody else has it.

        Raises what redis-py raises.
        """
        # From before the request: Redis begins to count while it is on its way.
        asked_s = self._now_s()
        taken = await self._redis.eval(
            _TAKE, 1, self._key, self._holder, str(round(LEASE_S * 1000))
        )
        self._until_s = asked_s + LEASE_S - GRACE_S if taken else float("-inf")
        return bool(taken)

    async def give_back(self) -> None:
        self._until_s = float("-inf")
        await self._redis.eval(_GIVE, 1, self._key, self._holder)
