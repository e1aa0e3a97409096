"""Captions of a room: whether any viewer wants them, and the last lines.

Nothing of it is on a disk: the lines of the last five minutes lie in Redis, as evidence for a
report (RULES §9) and for a viewer who has just come in. `transcripts` takes them from here where
the host chose to keep them.
"""

import json
import logging
import time
from dataclasses import asdict, dataclass
from typing import cast

import redis

from config import redis_clients
from config.limits import LIMITS
from media_relay.protocol.egress import Wanted, wanted_key
from spaces.models import Space
from spaces.rooms.state import Phase, Room

WATCH_S = 30  # A process with a viewer who reads captions says so every ten seconds.
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """What a participant said. `start_ms` is a wall-clock millisecond."""

    participant: int
    name: str
    text: str
    start_ms: int


def watched_key(space: str) -> str:
    """Key that is there while a viewer reads captions."""
    return f"captions:watched:{space}"


def lines_key(space: str) -> str:
    """Sorted set of final lines as JSON, by the millisecond they began in."""
    return f"captions:lines:{space}"


def are_wanted(room: Room) -> bool:
    """True while the room is live and a viewer reads along, or what is said is kept.

    Raises RedisError.
    """
    if room.phase is not Phase.LIVE:
        return False
    if room.recording or room.transcript_wanted:
        return True
    return bool(redis_clients.blocking().exists(watched_key(room.id)))


def watch(space: str, *, is_read: bool) -> bool:
    """Note whether captions are read here; True if egress has to be told again.

    That is when the reading is news, and when what egress was told is about to run out: the sweep
    that renews it lives in a worker, and a recording must outlive that. Raises RedisError.
    """
    pipe = redis_clients.blocking().pipeline(transaction=False)
    pipe.ttl(wanted_key(space))
    if is_read:
        # It also returns what was there before, None where the reading is news.
        pipe.set(watched_key(space), "1", ex=WATCH_S, get=True)
    left_s, *before = pipe.execute()
    is_running_out = 0 <= left_s < Wanted.LEASE_S / 2
    is_news = before == [None]
    return is_running_out or is_news


def remember(space: str, line: Line) -> None:
    """Keep a final line.

    Every web process does it, and the set keeps one: the text is the same. Raises RedisError.
    """
    text = json.dumps(asdict(line), separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    key = lines_key(space)
    oldest_ms = (time.time() - LIMITS.captions_kept_s) * 1000
    pipe = redis_clients.blocking().pipeline(transaction=False)
    pipe.zadd(key, {text: line.start_ms}, nx=True)
    pipe.zremrangebyscore(key, "-inf", oldest_ms)
    pipe.expire(key, LIMITS.captions_kept_s)
    pipe.execute()


def lines(space: str, since_ms: float) -> list[Line]:
    """Return the lines that began at `since_ms` or later, in the order they were said.

    Raises RedisError.
    """
    oldest = max(since_ms, (time.time() - LIMITS.captions_kept_s) * 1000)
    texts = redis_clients.blocking().zrangebyscore(lines_key(space), oldest, "+inf")
    return [Line(**json.loads(text)) for text in cast("list[bytes]", texts)]


def recent(space: Space) -> list[Line]:
    """Return what was said in the last five minutes, for the evidence of a report.

    Nothing if Redis does not answer.
    """
    try:
        return lines(space.public_id, 0)
    except redis.RedisError as error:
        log.warning("What was said in %s is not known: %s", space.public_id, error)
        return []


def forget(space: str) -> None:
    """Forget that captions are read: the room is over. Raises RedisError.

    The lines stay for their five minutes, because a report may come after the end.
    """
    redis_clients.blocking().delete(watched_key(space))
