"""Is what Parley leans on up? Asked by `/readyz` and by the system checks."""

from django.db import Error, connection
from redis.exceptions import RedisError

from config import redis_clients
from config.monitoring import heartbeat, metrics
from spaces.relay import health


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
