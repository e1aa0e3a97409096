"""Which relay a connection goes to.

The stage goes to the Space's home, listeners there too until it is full.
"""

import time
from collections.abc import Awaitable, Collection
from typing import cast

from config import redis_clients
from media_relay.protocol.relay import (
    NODE_DEAD_S,
    NODES_KEY,
    ROOM_TTL_S,
    Node,
    home_key,
    node_key,
    parse_node,
)

# Delete the home only if it is still the dead one: another process may have moved it already.
_FORGET_HOME = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""


async def choose(space: str, *, stage: bool, without: Collection[str] = ()) -> str | None:
    """Return a live relay for one more connection to `space`.

    None if none is up or all are full. `without` are those that have just failed. A home that is
    dead moves; one that is merely full keeps its stage and sends listeners elsewhere. Raises
    RedisError.
    """
    nodes = await live_nodes()
    free = [
        node for node in nodes if not node.full and not node.draining and node.relay not in without
    ]
    home = await _find_home(space, nodes, free)
    if home is None or (stage and home.relay in without):
        return None
    if stage or home in free:
        return home.relay
    return min(free, key=lambda node: node.cpu).relay if free else None


async def live_nodes() -> list[Node]:
    """Return the relays that gave a sign of life in the last 6 s."""
    link = redis_clients.in_loop()
    names = cast(
        "list[bytes]", await link.zrangebyscore(NODES_KEY, time.time() - NODE_DEAD_S, "+inf")
    )
    if not names:
        return []
    texts = await link.mget([node_key(name.decode()) for name in names])
    return [parse_node(text) for text in texts if text is not None]


async def _find_home(space: str, nodes: list[Node], free: list[Node]) -> Node | None:
    """Return the Space's home, made or moved if it has none that lives.

    A draining home takes no new stage.
    """
    link = redis_clients.in_loop()
    by_name = {node.relay: node for node in nodes}
    key = home_key(space)
    known = cast("bytes | None", await link.get(key))
    home = by_name.get(known.decode()) if known else None
    if home is not None and not home.draining:
        return home
    if not free:
        return home
    # The least busy one: a home carries the whole stage.
    best = min(free, key=lambda node: node.cpu)
    if known:
        # redis-py types eval as maybe not awaitable.
        await cast("Awaitable[object]", link.eval(_FORGET_HOME, 1, key, known))
    await link.set(key, best.relay, nx=True, ex=ROOM_TTL_S)
    # Another process may have been first.
    winner = cast("bytes | None", await link.get(key))
    return by_name.get(winner.decode()) if winner else None
