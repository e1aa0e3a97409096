"""Saying to egress (captions, recording) what is wanted of it. Everything here may be lost and is said again."""

import json
from collections.abc import Mapping

from media_relay import protocol
from spaces.relay import connections


def want(wanted: protocol.Wanted) -> None:
    """Say the whole of what is wanted in a Space; it holds for `LEASE_S`. Raises RedisError."""
    pipe = connections.blocking().pipeline(transaction=False)
    pipe.set(protocol.wanted_key(wanted.space), wanted.encode(), ex=protocol.Wanted.LEASE_S)
    pipe.sadd(protocol.EGRESS_SPACES_KEY, wanted.space)
    pipe.publish(protocol.EGRESS_CHANGED, wanted.space)
    pipe.execute()


def want_nothing(space: str) -> None:
    """Take back whatever was wanted. Raises RedisError."""
    link = connections.blocking()
    if link.delete(protocol.wanted_key(space)):
        link.publish(protocol.EGRESS_CHANGED, space)


def note(space: str, what: Mapping[str, object]) -> None:
    """Put a note (a pin) into the log of the running recording. Raises RedisError."""
    connections.blocking().publish(protocol.notes_channel(space), json.dumps(what, separators=(",", ":")))
