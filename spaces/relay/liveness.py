"""Is there a relay at all? For monitors, which ask outside of any event loop."""

import time

from media_relay.protocol import NODE_DEAD_S, NODES_KEY
from spaces.relay import connections


def live_relays() -> int:
    """Return how many relays gave a sign of life in the last 6 s. Raises RedisError."""
    return int(connections.blocking().zcount(NODES_KEY, time.time() - NODE_DEAD_S, "+inf"))
