"""Which relays live and how they are, for monitors, which ask outside of any event loop."""

import time
from typing import cast

from config import redis_clients
from media_relay.protocol.relay import NODE_DEAD_S, NODES_KEY, Node, node_key, parse_node


def live_relays() -> int:
    """Return how many relays gave a sign of life in the last 6 s. Raises RedisError."""
    return int(redis_clients.blocking().zcount(NODES_KEY, time.time() - NODE_DEAD_S, "+inf"))


def live_nodes() -> list[Node]:
    """Return the relays that gave a sign of life in the last 6 s, as they describe themselves.

    Raises RedisError.
    """
    link = redis_clients.blocking()
    names = cast("list[bytes]", link.zrangebyscore(NODES_KEY, time.time() - NODE_DEAD_S, "+inf"))
    keys = [node_key(name.decode()) for name in names]
    # A relay that has just gone has a name in the set, but no text.
    texts = link.mget(keys) if keys else []
    return [parse_node(text) for text in texts if text]
