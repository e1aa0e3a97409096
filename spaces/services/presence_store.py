"""Who is in a room right now, by sign of life: a sorted set a Space, member -> wall-clock second of
the last ping.

A member is a user id, or `v:<random>` for a visitor without an account. All of it may be lost:
sockets ping every 5 s and write it again.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from typing import cast

import redis

from config import redis as connections
from config.limits import LIMITS

KEPT_S = 24 * 3600
EARS_KEY = "presence:ears"
DEAF_S = 5  # No sign of life of any web process for so long: nobody's ping can be heard.
# After this nobody waits for the web to come back; rooms are judged as if it were there.
PATIENCE_S = 600
# Signs of life have been heard without a break since `since`; a break ends when somebody listens
# again. A Redis that was emptied has forgotten them all, so there everything begins anew.
_LISTEN = """
local last = tonumber(redis.call('hget', KEYS[1], 'last') or 0)
if ARGV[1] - last > tonumber(ARGV[2]) then redis.call('hset', KEYS[1], 'since', ARGV[1]) end
redis.call('hset', KEYS[1], 'last', ARGV[1])
"""
log = logging.getLogger(__name__)


def key(space: str) -> str:
    return f"presence:{space}"


def visitors_key(space: str) -> str:
    """Set of visitors that ever came, for the count at the end."""
    return f"visitors:{space}"


def holder_key(space: str, member: str) -> str:
    """Channel name of the socket that is this member's one presence in the room."""
    return f"presence:{space}:socket:{member}"


def counts(spaces: Sequence[str]) -> dict[str, int]:
    """Return how many people are in each room, stage included; nothing for a room if Redis does not
    answer.
    """
    if not spaces:
        return {}
    oldest = time.time() - LIMITS.gone_after_s
    pipe = connections.blocking().pipeline(transaction=False)
    for space in spaces:
        pipe.zcount(key(space), oldest, "+inf")
    try:
        return dict(zip(spaces, pipe.execute(), strict=True))
    except redis.RedisError as error:
        log.warning("Rooms are not counted: %s", error)
        return {}


def is_here(space: str, user: int) -> bool:
    score = connections.blocking().zscore(key(space), str(user))
    return score is not None and score > time.time() - LIMITS.gone_after_s


def last_seen(space: str, users: Iterable[int]) -> dict[int, float]:
    """Return the second of the last sign of life of those that have one."""
    ids = list(users)
    if not ids:
        return {}
    scores = connections.blocking().zmscore(key(space), [str(user) for user in ids])
    return {user: score for user, score in zip(ids, scores, strict=True) if score is not None}


def redis_since() -> float:
    """Return the second since when this Redis can have heard pings.

    A Redis that started a moment ago knows nobody: absence from it proves nothing until people had
    time to ping.
    """
    info = cast("dict[str, int]", connections.blocking().info("server"))
    return time.time() - info["uptime_in_seconds"]


async def listen() -> None:
    """Note that a web process hears pings now. Raises RedisError."""
    arguments = (str(time.time()), str(DEAF_S))
    await cast("object", connections.in_loop().eval(_LISTEN, 1, EARS_KEY, *arguments))  # type: ignore[misc]  # redis-py types eval as maybe not awaitable.


def heard_since() -> float:
    """Return the second since when signs of life have been heard without a break: now, while no web
    process is up.

    An absence that our own outage explains is nobody's absence (RULES §6). Raises RedisError.
    """
    last, since = (
        float(value or 0) for value in connections.blocking().hmget(EARS_KEY, "last", "since")
    )
    now = time.time()
    if DEAF_S < now - last <= PATIENCE_S or not last:
        return now
    return max(since, redis_since())


def visitors(space: str) -> int:
    return connections.blocking().scard(visitors_key(space))


def forget(space: str) -> None:
    connections.blocking().delete(key(space), visitors_key(space))
