"""Who is in a room right now, by sign of life.

A sorted set a Space holds member -> wall-clock second of the last ping. A member is a user id, or
`v:<random>` for a visitor without an account. All of it may be lost: sockets ping every 5 s and
write it again.
"""

import logging
import threading
import time
from collections.abc import Awaitable, Iterable, Sequence
from typing import cast

import redis

from config import redis_clients
from config.limits import LIMITS

KEPT_S = 24 * 3600  # Longer than the longest Space; what is left over goes by itself.
# Hash of the web's own heartbeat: `last` is its newest second, `since` when it began without a
# break.
HEARTBEAT_KEY = "presence:ears"
SILENCE_S = 5  # No heartbeat of any web process for so long: nobody's ping can be heard.
# After this nobody waits for the web to come back; rooms are judged as if it were there.
OUTAGE_WAITED_FOR_S = 600
# A break ends when a web process hears pings again, and one that could not keep what it heard says
# so (the third argument). A Redis that was emptied has forgotten the heartbeats too, so there
# everything begins anew.
# A script, which Redis runs as one: of several web processes one ends the break.
_NOTE_HEARTBEAT = """
local last = tonumber(redis.call('hget', KEYS[1], 'last') or 0)
local is_new = ARGV[3] == '1' or ARGV[1] - last > tonumber(ARGV[2])
if is_new then redis.call('hset', KEYS[1], 'since', ARGV[1]) end
redis.call('hset', KEYS[1], 'last', ARGV[1])
"""
log = logging.getLogger(__name__)


def key(space: str) -> str:
    return f"presence:{space}"


def visitors_key(space: str) -> str:
    """Set of visitors that ever came, for the count at the end."""
    return f"visitors:{space}"


def socket_key(space: str, member: str) -> str:
    """Channel name of the socket that is this member's one presence in the room."""
    return f"presence:{space}:socket:{member}"


def counts(spaces: Sequence[str]) -> dict[str, int]:
    """Return how many people are in each room, stage included.

    Nothing for a room if Redis does not answer.
    """
    if not spaces:
        return {}
    oldest = time.time() - LIMITS.gone_after_s
    # Members without a ping are still in the set until a hub cleans it, so the score decides.
    pipe = redis_clients.blocking().pipeline(transaction=False)
    for space in spaces:
        pipe.zcount(key(space), oldest, "+inf")
    try:
        return dict(zip(spaces, pipe.execute(), strict=True))
    except redis.RedisError as error:
        log.warning("Rooms are not counted: %s", error)
        return {}


def is_here(space: str, user: int) -> bool:
    score = redis_clients.blocking().zscore(key(space), str(user))
    return score is not None and score > time.time() - LIMITS.gone_after_s


def last_seen(space: str, users: Iterable[int]) -> dict[int, float]:
    """Return the second of the last sign of life of those that have one."""
    ids = list(users)
    if not ids:
        return {}
    scores = redis_clients.blocking().zmscore(key(space), [str(user) for user in ids])
    return {user: score for user, score in zip(ids, scores, strict=True) if score is not None}


def redis_since() -> float:
    """Return the second since when this Redis can have heard pings.

    A Redis that started a moment ago knows nobody: absence from it proves nothing until people had
    time to ping.
    """
    info = cast("dict[str, int]", redis_clients.blocking().info("server"))
    return time.time() - info["uptime_in_seconds"]


_lost = threading.Event()  # In this process, since its last heartbeat.


def note_lost() -> None:
    """Note that pings were heard and not kept. Redis may take the heartbeat all the same: a full
    one refuses one write and takes the next.
    """
    _lost.set()


async def note_heartbeat() -> None:
    """Note that a web process hears pings now. Raises RedisError."""
    is_lost = _lost.is_set()
    _lost.clear()
    run = redis_clients.in_loop().eval
    arguments = (str(time.time()), str(SILENCE_S), "1" if is_lost else "0")
    try:
        # redis-py types eval as maybe not awaitable.
        await cast("Awaitable[object]", run(_NOTE_HEARTBEAT, 1, HEARTBEAT_KEY, *arguments))
    except BaseException:
        if is_lost:
            _lost.set()  # Still to be told.
        raise


def known_since() -> float:
    """Return the second since when pings have been heard without a break.

    That is now while no web process is up: an absence that our own outage explains is nobody's
    absence (RULES §6). Raises RedisError.
    """
    values = redis_clients.blocking().hmget(HEARTBEAT_KEY, "last", "since")
    last, since = (float(value or 0) for value in values)
    now = time.time()
    is_down = SILENCE_S < now - last <= OUTAGE_WAITED_FOR_S
    if is_down or not last:
        return now
    return max(since, redis_since())


def visitors(space: str) -> int:
    return redis_clients.blocking().scard(visitors_key(space))


def forget(space: str) -> None:
    redis_clients.blocking().delete(key(space), visitors_key(space))
