"""What the web sends to relays.

Everything goes into the relay's own stream, in order (see `media_relay.protocol.relay`).
"""

import time

import redis
import redis.asyncio

from config import redis_clients
from media_relay.protocol import relay as protocol
from media_relay.protocol.encoding import encode

GRANT_S = 30  # A grant is used at once; what lies in a stream for longer is void.
# A relay that only stumbled is told all the same; one that is gone would only fill Redis.
FORGOTTEN_S = 60

# The policy's key, then the relays' streams; rev, policy, seconds to keep it, request, length of a
# stream.
STORE_UNLESS_OLDER = """
local kept = redis.call('get', KEYS[1])
if kept and cjson.decode(kept).rev > tonumber(ARGV[1]) then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3])
for i = 2, #KEYS do redis.call('xadd', KEYS[i], 'MAXLEN', '~', ARGV[5], '*', 'json', ARGV[4]) end
return 1
"""


def relays_key(space: str) -> str:
    """Set of the relays that have had peers of the Space: all of them must hear its policy."""
    return f"spaces:relays:{space}"


def peers_key(space: str, user: str) -> str:
    """Set of "relay peer" of one account in a Space: what must end when they are removed."""
    return f"spaces:peers:{space}:{user}"


def send_policy(policy: protocol.Policy) -> bool:
    """Store the policy and tell every relay of the Space; False if a newer one was there.

    Two processes commit one after the other and come here in any order, so Redis compares: the
    older one does nothing. The same `rev` again renews the lease. Raises RedisError.
    """
    link = redis_clients.blocking()
    streams = [protocol.requests_key(relay) for relay in relays_of(link, policy.space)]
    keys = [protocol.policy_key(policy.space), *streams]
    values: list[bytes | int] = [
        policy.rev,
        encode(policy),
        protocol.Policy.LEASE_S,
        encode(protocol.SetPolicy(policy)),
        protocol.REQUESTS_MAXLEN,
    ]
    return bool(link.eval(STORE_UNLESS_OLDER, len(keys), *keys, *values))


def close_space(last: protocol.Policy, reason: str) -> None:
    """End all media of a Space and forget where it was. Raises RedisError."""
    link = redis_clients.blocking()
    text = encode(protocol.CloseSpace(last.space, reason))
    pipe = link.pipeline(transaction=False)
    for relay in relays_of(link, last.space):
        _add(pipe, relay, text)
    pipe.delete(
        protocol.policy_key(last.space), protocol.home_key(last.space), relays_key(last.space)
    )
    pipe.execute()


def relays_of(link: redis.Redis, space: str) -> set[str]:
    """Return the relays that have, or may have, peers of the Space.

    Long silent ones read nothing any more.
    """
    # The home may be chosen already while no peer has been noted there.
    known = {_text(member) for member in link.smembers(relays_key(space))}
    home = link.get(protocol.home_key(space))
    names = sorted(known | {_text(home)} if home else known)
    if not names:
        return set()
    beats = link.zmscore(protocol.NODES_KEY, names)
    oldest = time.time() - FORGOTTEN_S
    return {
        name for name, beat in zip(names, beats, strict=True) if beat is not None and beat > oldest
    }


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


async def send(relay: str, request: protocol.Request) -> None:
    """Put one request into a relay's stream. Raises RedisError."""
    await redis_clients.in_loop().xadd(
        protocol.requests_key(relay),
        {"json": encode(request)},
        maxlen=protocol.REQUESTS_MAXLEN,
        approximate=True,
    )


async def open_peer(relay: str, request: protocol.OpenPeer) -> None:
    """Ask a relay for a connection, and note the relay for the Space and the peer for the person.

    Raises RedisError.
    """
    link = redis_clients.in_loop()
    # One round trip; the relay is noted first, so that a policy of this moment reaches it.
    pipe = link.pipeline(transaction=False)
    pipe.sadd(relays_key(request.space), relay)
    pipe.expire(relays_key(request.space), protocol.ROOM_TTL_S)
    if request.user:
        pipe.sadd(peers_key(request.space, request.user), f"{relay} {request.peer}")
        pipe.expire(peers_key(request.space, request.user), protocol.ROOM_TTL_S)
    pipe.xadd(
        protocol.requests_key(relay),
        {"json": encode(request)},
        maxlen=protocol.REQUESTS_MAXLEN,
        approximate=True,
    )
    await pipe.execute()


async def close_peer(relay: str, space: str, user: int | None, request: protocol.ClosePeer) -> None:
    """Tell a relay that a peer is gone. Raises RedisError."""
    if user is not None:
        await redis_clients.in_loop().srem(peers_key(space, str(user)), f"{relay} {request.peer}")
    await send(relay, request)


def close_peers_of(space: str, user: int, reason: str) -> None:
    """End all media of a user in a Space, whichever process holds their socket, or none.

    Raises RedisError.
    """
    link = redis_clients.blocking()
    known = link.smembers(peers_key(space, str(user)))
    pipe = link.pipeline(transaction=False)
    for member in known:
        relay, _, peer = _text(member).partition(" ")
        _add(pipe, relay, encode(protocol.ClosePeer(peer, reason)))
    pipe.delete(peers_key(space, str(user)))
    pipe.execute()


def grant_until() -> float:
    """Return the wall-clock second until which a grant made now is good."""
    return time.time() + GRANT_S


def _add(pipe: "redis.client.Pipeline", relay: str, text: bytes) -> None:
    key = protocol.requests_key(relay)
    pipe.xadd(key, {"json": text}, maxlen=protocol.REQUESTS_MAXLEN, approximate=True)
