"""What the web asks of egress (captions, recording).

Everything here may be lost and is said again.
"""

import msgspec

from config import redis_clients
from media_relay.protocol import egress
from media_relay.protocol.encoding import encode


def publish_wanted(wanted: egress.Wanted) -> None:
    """Say the whole of what is wanted in a Space; it holds for `LEASE_S`. Raises RedisError."""
    pipe = redis_clients.blocking().pipeline(transaction=False)
    pipe.set(egress.wanted_key(wanted.space), encode(wanted), ex=egress.Wanted.LEASE_S)
    # An egress process that starts now reads the set; one that runs hears the message.
    pipe.sadd(egress.EGRESS_SPACES_KEY, wanted.space)
    pipe.publish(egress.EGRESS_CHANGED, wanted.space)
    pipe.execute()


def withdraw(space: str) -> None:
    """Take back whatever was wanted. Raises RedisError."""
    link = redis_clients.blocking()
    # Most rooms wanted nothing, so most ends wake nobody.
    if link.delete(egress.wanted_key(space)):
        link.publish(egress.EGRESS_CHANGED, space)


class PinNote(msgspec.Struct, frozen=True, tag="pin"):
    """A post was pinned. It comes back with its place in the report of the rendered replay."""

    post: int


def write_note(space: str, note: PinNote) -> None:
    """Put a note into the log of the running recording. Raises RedisError."""
    redis_clients.blocking().publish(egress.notes_channel(space), encode(note))
