"""Signs of life of one socket, written to Redis (read by `services.audience` and by the sweep)."""

import hashlib
import logging
import secrets
import time
from typing import cast

import redis

from config import redis_clients
from config.limits import LIMITS
from spaces.services import presence_store

log = logging.getLogger(__name__)

# Give the place back only if it is still ours: a newer tab may have taken it.
_RELEASE = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
if ARGV[3] == '1' then redis.call('zrem', KEYS[2], ARGV[2]) end
return 1
"""


def member_of(user: int | None) -> str:
    """Return the name in the room's set: the account, or a word of its own for each visitor's
    socket.
    """
    return str(user) if user is not None else f"v:{secrets.token_hex(8)}"


async def take(space: str, member: str, channel: str) -> str | None:
    """Become the one presence of this member.

    Return the channel of the socket that was it before, if any.
    """
    # Set and read in one command: of two tabs that open at once exactly one replaces the other.
    link = redis_clients.in_loop()
    key = presence_store.socket_key(space, member)
    before = cast("bytes | None", await link.set(key, channel, get=True, ex=presence_store.KEPT_S))
    await touch(space, member)
    return before.decode() if before and before.decode() != channel else None


async def touch(space: str, *members: str) -> None:
    """Note signs of life. Redis away is no reason to fail: the next pings write them again."""
    pipe = redis_clients.in_loop().pipeline(transaction=False)
    pipe.zadd(presence_store.key(space), dict.fromkeys(members, time.time()))
    pipe.expire(presence_store.key(space), presence_store.KEPT_S)
    try:
        await pipe.execute()
    except redis.RedisError as error:
        log.warning("%d signs of life in %s were not noted: %s", len(members), space, error)
        presence_store.note_lost()


async def release(space: str, member: str, channel: str, *, at_once: bool) -> None:
    """The socket is gone.

    `at_once` takes it off the list; else (on stage) the time of its last ping decides.
    """
    keys = (presence_store.socket_key(space, member), presence_store.key(space))
    try:
        await cast(
            "object",
            redis_clients.in_loop().eval(
                _RELEASE, 2, *keys, channel, member, "1" if at_once else "0"
            ),
        )  # type: ignore[misc]  # redis-py types eval as maybe not awaitable.
    except redis.RedisError as error:
        # Without pings the presence ends by itself after 15 s (RULES §6).
        log.warning("A socket of %s was not signed off: %s", space, error)


async def count_visitor(space: str, address: str, agent: str) -> None:
    """Count a visitor once however often they reconnect."""
    # Only a short hash of who they are is kept, for a day, and another one in each Space.
    mark = hashlib.sha256(f"{space}|{address}|{agent}".encode()).hexdigest()[:16]
    pipe = redis_clients.in_loop().pipeline(transaction=False)
    pipe.sadd(presence_store.visitors_key(space), mark)
    pipe.expire(presence_store.visitors_key(space), presence_store.KEPT_S)
    try:
        await pipe.execute()
    except redis.RedisError as error:
        log.warning("A visitor of %s was not counted: %s", space, error)


async def listening(space: str, stage: list[int]) -> tuple[int, list[int]]:
    """Return how many listen (stage left out) and the accounts among them.

    Forgets who is long gone.
    """
    link = redis_clients.in_loop()
    oldest = time.time() - LIMITS.gone_after_s
    pipe = link.pipeline(transaction=False)
    pipe.zrangebyscore(presence_store.key(space), oldest, "+inf")
    # Not at `oldest`: the sweep still reads the last ping of a participant who holds a seat.
    pipe.zremrangebyscore(presence_store.key(space), "-inf", time.time() - presence_store.KEPT_S)
    here = cast("list[list[bytes]]", await pipe.execute())[0]
    on_stage = {str(user).encode() for user in stage}
    listeners = [member for member in here if member not in on_stage]
    return len(listeners), sorted(int(member) for member in listeners if member.isdigit())
