"""Saying to egress (captions, recording) what is wanted of it.

Everything here may be lost and is said again.
"""

import json
from collections.abc import Mapping

from config import redis
from media_relay.protocol import relay


def want(wanted: relay.Wanted) -> None:
    """Say the whole of what is wanted in a Space; it holds for `LEASE_S`. Raises RedisError."""
    pipe = redis.blocking().pipeline(transaction=False)
    pipe.set(relay.wanted_key(wanted.space), wanted.encode(), ex=relay.Wanted.LEASE_S)
    pipe.sadd(relay.EGRESS_SPACES_KEY, wanted.space)
    pipe.publish(relay.EGRESS_CHANGED, wanted.space)
    pipe.execute()


def want_nothing(space: str) -> None:
    """Take back whatever was wanted. Raises RedisError."""
    link = redis.blocking()
    if link.delete(relay.wanted_key(space)):
        link.publish(relay.EGRESS_CHANGED, space)


def note(space: str, what: Mapping[str, object]) -> None:
    """Put a note (a pin) into the log of the running recording. Raises RedisError."""
    redis.blocking().publish(relay.notes_channel(space), json.dumps(what, separators=(",", ":")))
