"""How messages of the sockets become text: one encoder for all of them.

A message is a frozen msgspec struct whose tag is its `type`. What may be left out is declared as
UNSET and then is not on the wire at all, which is not the same as null.
"""

from msgspec import Struct
from msgspec.json import Encoder

_encoder = Encoder()


class ServerMessage(Struct, frozen=True):
    """Base of all that the server says; each message gives its own `tag`."""


def word_of(message: type[Struct]) -> str:
    """Return the `type` of a class of messages."""
    return str(message.__struct_config__.tag)


def encode(message: ServerMessage) -> str:
    """Return the message as the JSON text of one frame. Times have to be in UTC."""
    return _encoder.encode(message).decode()
