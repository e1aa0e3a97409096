"""Is what Parley leans on up? Asked by `/readyz` and by the system checks."""

import shutil
import tempfile
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, Error, InterfaceError, connection, transaction
from redis.exceptions import RedisError

from config import missing_parts, redis_clients
from config.db import best_effort
from config.monitoring import heartbeat, metrics
from spaces.relay import health

LOCK_WAIT_MS = 1000  # A write of ours takes milliseconds; who waits longer stands behind a fault.
NEARLY_FULL_BYTES = 32 << 20  # A recording stops at 64 MiB, so that the database can go on.
FOLDERS = ("media", "recordings")  # Of DATA_DIR; each may be a disk of its own.
EGRESS_KEY = "egress:nodes"  # Of media_relay/protocol/egress.py, which config may not import.
EGRESS_SILENT_S = 10

# Named by `/readyz` though the site serves: nothing is refused without them.
TOLERATED = frozenset({"egress", "redis_evicting", "work_queue", "delivery_queue"})


def missing() -> list[str]:
    """Return a stable word for each part that is missing; deploy/README.md explains them."""
    return [*_of_database(), *_of_redis(), *_of_disks()]


def _of_database() -> list[str]:
    """Ask for the right to write, and write nothing."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                _try_to_lock()
                return []
            cursor.execute("SHOW transaction_read_only")
            return ["database_read_only"] if cursor.fetchone()[0] == "on" else []
    except (DatabaseError, InterfaceError) as error:
        found = missing_parts.of(error)
        return [f"database_{found.state}" if found else "database_away"]


def _try_to_lock() -> None:
    """Begin a write as any other does (`transaction_mode` of the settings), and take it back."""
    with connection.cursor() as cursor, best_effort.waiting(LOCK_WAIT_MS), transaction.atomic():
        # Begun is not yet written to: a file that may only be read shows here.
        cursor.execute("PRAGMA user_version")
        version = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA user_version = {version}")
        transaction.set_rollback(True)


def _of_redis() -> list[str]:
    """Redis, and what says in it that it lives."""
    link = redis_clients.blocking()
    try:
        link.set("readyz:probe", 1, ex=10)
    except RedisError as error:
        found = missing_parts.of(error)
        word = f"redis_{found.state}" if found else "redis_away"
        if word == "redis_away":
            return [word]  # Of those behind it nobody can tell.
        # Full or read-only, it still says what it knew.
        return [word, *_evicting(link)]
    clock, work = metrics.queue(heartbeat.CLOCK), metrics.queue(heartbeat.WORK)
    delivery = metrics.queue(heartbeat.DELIVERY)
    is_beat_silent = not clock.is_well and not work.is_well and clock.waiting == work.waiting == 0
    return [
        *_evicting(link),
        *(["relay"] if relays() == 0 else []),
        *(["beat"] if is_beat_silent else []),
        *(["worker"] if not clock.is_well else []),
        *(["work_queue"] if not work.is_well else []),
        *(["delivery_queue"] if delivery.heard_s > heartbeat.DELIVERY_SILENT_S else []),
        *(["egress"] if not _has_egress(link) else []),
    ]


def _evicting(link: redis.Redis) -> list[str]:
    """Name a Redis that throws keys away when it is full: queues and presence would vanish."""
    try:
        found = link.info("memory")
    except RedisError:
        return []
    policy = found.get("maxmemory_policy", "noeviction")
    return ["redis_evicting"] if found.get("maxmemory") and policy != "noeviction" else []


def _has_egress(link: redis.Redis) -> bool:
    try:
        now_s = float(link.time()[0])
        return bool(link.zcount(EGRESS_KEY, now_s - EGRESS_SILENT_S, "+inf"))
    except RedisError:
        return False


def _of_disks() -> list[str]:
    found = []
    home = Path(settings.DATA_DIR)
    places = {"disk": home, "media": Path(settings.MEDIA_ROOT)}
    places |= {name: home / name for name in FOLDERS if name not in places}
    places["temporary"] = Path(tempfile.gettempdir())
    for name, folder in places.items():
        if not folder.exists():
            continue  # Made when it is needed first, in a folder that is looked at itself.
        try:
            # Not `os.access`, which asks nothing of the file system when root asks.
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"readyz")
                file.flush()
        except OSError as error:
            missing = missing_parts.of(error)
            found.append(f"{name}_{missing.state if missing else 'away'}")
            continue
        if shutil.disk_usage(folder).free < NEARLY_FULL_BYTES:
            found.append(f"{name}_full")
    return found


def database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def broker() -> bool:
    """True if Redis answers: the channel layer, the queue, the cache and the presence are all in
    it.
    """
    try:
        return bool(redis_clients.blocking().ping())
    except (RedisError, OSError):
        return False


def relays() -> int:
    """Return how many media relays are alive; 0 also if nobody can tell."""
    try:
        return health.live_relays()
    except (RedisError, OSError):
        return 0


def worker() -> bool:
    """True if a worker has taken a heartbeat out of the queue in the last minute: it works, it does
    not only live.
    """
    return metrics.queue(heartbeat.CLOCK).is_well
