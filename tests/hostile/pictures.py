"""Small files that are large pictures."""

import struct
import zlib


def heavy_png(side_px: int = 6324) -> bytes:
    """Return a clear square in RGBA: 40 million pixels in some 160 KB."""
    packed = zlib.compressobj(9)
    row = bytes(1 + 4 * side_px)  # A filter of none, then the pixels.
    rows = b"".join(packed.compress(row) for _ in range(side_px)) + packed.flush()
    head = struct.pack(">IIBBBBB", side_px, side_px, 8, 6, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
