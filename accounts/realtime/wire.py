"""How messages of the sockets become text: one encoder for all of them.

A message is a frozen msgspec struct whose tag is its `type`. What may be left out is declared as
UNSET and then is not on the wire at all, which is not the same as null.
"""

import logging
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.json import Encoder

_encoder = Encoder()
log = logging.getLogger(__name__)


class ServerMessage(Struct, frozen=True):
    """Base of all that the server says; each message gives its own `tag`."""


def word_of(message: type[Struct]) -> str:
    """Return the `type` of a class of messages."""
    return str(message.__struct_config__.tag)


def encode(message: ServerMessage) -> str:
    """Return the message as the JSON text of one frame. Times have to be in UTC.

    Half a surrogate pair, which no door of ours lets in, goes out as U+FFFD: one text that was
    stored before must not take all that is said beside it along.
    """
    try:
        return _encoder.encode(message).decode()
    except UnicodeEncodeError:
        log.exception("A message of type %s holds text that is none", word_of(type(message)))
        return _encoder.encode(_encodable(to_builtins(message))).decode()


def _encodable(value: Any) -> Any:  # Any: what `to_builtins` makes.
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list | tuple):
        return [_encodable(one) for one in value]
    if isinstance(value, dict):
        return {name: _encodable(one) for name, one in value.items()}
    return value
