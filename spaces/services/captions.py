"""Captions of a room: whether anybody wants them, and the last lines.

Nothing of it is on a disk: the lines of the last five minutes lie in Redis, as evidence for a
report (RULES §9) and for whoever has just come in. `transcripts` takes them from here where the
host chose to keep them.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

import redis

from config import redis as connections
from config.limits import LIMITS
from media_relay.protocol.egress import Wanted, wanted_key
from spaces.models import Space
from spaces.rooms.state import Phase, Room

WATCH_S = 30  # A process with somebody who reads captions says so every ten seconds.
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """What somebody said. `start_ms` is a wall-clock millisecond."""

    participant: int
    name: str
    text: str
    start_ms: int


def watched_key(space: str) -> str:
    """Is there while somebody reads captions."""
    return f"captions:watched:{space}"


def lines_key(space: str) -> str:
    """Sorted set of final lines as JSON, by the millisecond they began in."""
    return f"captions:lines:{space}"


def are_wanted(room: Room) -> bool:
    """True while the room is live and somebody reads along, or what is said is kept.

    Raises RedisError.
    """
    if room.phase is not Phase.LIVE:
        return False
    return (
        room.recording
        or room.transcript_wanted
        or bool(connections.blocking().exists(watched_key(room.id)))
    )


def watch(space: str, *, is_read: bool) -> bool:
    """Note whether somebody reads captions here; True if egress has to be told again. Raises
    RedisError.

    That is when the reading is news, and when what egress was told is about to run out: the sweep
    that renews it lives in a worker, and a recording must outlive that.
    """
    pipe = connections.blocking().pipeline(transaction=False)
    pipe.ttl(wanted_key(space))
    if is_read:
        pipe.set(watched_key(space), "1", ex=WATCH_S, get=True)
    left_s, *before = pipe.execute()
    return 0 <= left_s < Wanted.LEASE_S / 2 or before == [None]


def remember(space: str, line: Line) -> None:
    """Keep a final line.

    Every web process does it, and the set keeps one: the text is the same. Raises RedisError.
    """
    text = json.dumps(asdict(line), separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    pipe = connections.blocking().pipeline(transaction=False)
    pipe.zadd(lines_key(space), {text: line.start_ms}, nx=True)
    pipe.zremrangebyscore(lines_key(space), "-inf", (time.time() - LIMITS.captions_kept_s) * 1000)
    pipe.expire(lines_key(space), LIMITS.captions_kept_s)
    pipe.execute()


def lines(space: str, since_ms: float) -> list[Line]:
    """Return the lines that began at `since_ms` or later, in the order they were said.

    Raises RedisError.
    """
    oldest = max(since_ms, (time.time() - LIMITS.captions_kept_s) * 1000)
    found = cast(
        "list[bytes]", connections.blocking().zrangebyscore(lines_key(space), oldest, "+inf")
    )
    return [_line(json.loads(text)) for text in found]


def recent(space: Space) -> list[Line]:
    """Return what was said in the last five minutes, for the evidence of a report; nothing if Redis
    does not answer.
    """
    try:
        return lines(space.public_id, 0)
    except redis.RedisError as error:
        log.warning("What was said in %s is not known: %s", space.public_id, error)
        return []


def forget(space: str) -> None:
    """The room is over.

    The lines stay for their five minutes: a report may come after the end. Raises RedisError.
    """
    connections.blocking().delete(watched_key(space))


def _line(values: Mapping[str, object]) -> Line:
    participant, start_ms = int(str(values["participant"])), int(str(values["start_ms"]))
    return Line(participant, str(values["name"]), str(values["text"]), start_ms)
