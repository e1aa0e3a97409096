"""Messages to JSON and back."""

from typing import TypeVar

import msgspec

from media_relay.errors import ProtocolError as ProtocolError  # For the web's readers, too.

T = TypeVar("T")


def encode(message: msgspec.Struct) -> bytes:
    """Return the JSON text of a message, every field of it: a reader need not know the defaults."""
    return msgspec.json.encode(message)


def decode(decoder: msgspec.json.Decoder[T], text: str | bytes) -> T:
    """Return the message in `text`. Raises ProtocolError for anything `encode` would not write."""
    try:
        return decoder.decode(text)
    except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors.
        raise ProtocolError("bad_request", f"Unreadable message: {error}") from error
