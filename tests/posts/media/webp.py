"""A reader of WebP's container of its own, to look at our files with other eyes than Pillow's.

Source: the WebP Container Specification (RIFF chunks of a four-letter name, a little-endian length
and the body).
"""

import struct
from dataclasses import dataclass

PIXELS = {b"VP8 ", b"VP8L", b"ALPH"}
HEAD = b"VP8X"
SAYS_METADATA = 0b00101100  # Flags of VP8X: ICC profile, EXIF, XMP.


@dataclass(frozen=True)
class Chunk:
    name: bytes
    body: bytes


def chunks(data: bytes) -> list[Chunk]:
    """Return every chunk. Raises ValueError if a byte is left that belongs to none."""
    if (
        data[:4] != b"RIFF"
        or data[8:12] != b"WEBP"
        or struct.unpack("<I", data[4:8])[0] != len(data) - 8
    ):
        raise ValueError("This is no WebP, or something stands behind it.")
    found, at = [], 12
    while at < len(data):
        name, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        body = data[at + 8 : at + 8 + size]
        if len(body) != size:
            raise ValueError("A chunk is cut off.")
        found.append(Chunk(name, body))
        at += 8 + size + size % 2
    return found


def metadata(data: bytes) -> list[bytes]:
    """Return the names of chunks that hold anything but pixels, and b"flags" if the head promises
    some.
    """
    found = [chunk.name for chunk in chunks(data) if chunk.name not in PIXELS | {HEAD}]
    flags = [
        chunk for chunk in chunks(data) if chunk.name == HEAD and chunk.body[0] & SAYS_METADATA
    ]
    return found + [b"flags"] * len(flags)
