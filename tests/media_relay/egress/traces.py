"""Looks for the sound and pictures of a talk on the disk: pieces of what went over the wire, in any
file.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from media_relay.rtp.packet import payload_range

PIECE_BYTES = 32
HEAD_BYTES = 8  # A coder's first bytes are much the same in every packet.
# A piece with fewer different bytes is a row of zeros or the like, which may stand in any file.
LEAST_VALUES = 12
PIECES = 60


class Traces:
    """Pieces of the payloads of up to `PIECES` RTP packets; two talks never have one in common."""

    def __init__(self, without: Collection[bytes] = ()) -> None:
        """`without` are pieces that are passed over: another talk's."""
        self.pieces: set[bytes] = set()
        self._without = without

    @property
    def are_enough(self) -> bool:
        return len(self.pieces) >= PIECES

    def take(self, packets: Iterable[bytes]) -> None:
        """Keep a piece of each packet that is large enough. Raises ValueError for what is not RTP."""
        for packet in packets:
            start, end = payload_range(packet, len(packet))
            piece = bytes(packet[start + HEAD_BYTES : start + HEAD_BYTES + PIECE_BYTES])
            if self.are_enough or piece in self._without:
                continue
            if end - start >= HEAD_BYTES + PIECE_BYTES and len(set(piece)) >= LEAST_VALUES:
                self.pieces.add(piece)

    def found_under(self, folder: Path) -> dict[str, int]:
        """Return how many pieces are in each file under `folder` that has any."""
        files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        counts = {
            str(path.relative_to(folder)): sum(piece in data for piece in self.pieces)
            for path, data in files.items()
        }
        return {name: count for name, count in counts.items() if count}
