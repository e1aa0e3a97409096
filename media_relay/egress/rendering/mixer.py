"""Sums voices on one line of samples, a window of it at a time."""

from array import array
from operator import add

RATE = 48_000
SAMPLE_BYTES = 2
_MOST, _LEAST = 32767, -32768


class Mixer:
    """16-bit mono. `add` may come in any order within the window; what is before it is cut off."""

    def __init__(self) -> None:
        self._begin = 0  # Samples.
        self._window = bytearray()

    def add(self, position: int, pcm: bytes) -> None:
        """Let `pcm` be heard from the sample `position` on, together with what is there."""
        if position < self._begin:
            pcm = pcm[(self._begin - position) * SAMPLE_BYTES :]
            position = self._begin
        at = (position - self._begin) * SAMPLE_BYTES
        if at > len(self._window):
            self._window += bytes(at - len(self._window))
        both = min(len(self._window) - at, len(pcm))
        if both > 0:
            self._window[at : at + both] = _sum(self._window[at : at + both], pcm[:both])
        self._window += pcm[both:]

    def take(self, until: int) -> bytes:
        """Return all before the sample `until`, silence where nobody was heard; it cannot be added
        to any more.
        """
        size = max(until - self._begin, 0) * SAMPLE_BYTES
        taken = bytes(self._window[:size])
        del self._window[:size]
        self._begin = max(until, self._begin)
        return taken + bytes(size - len(taken))


def _sum(one: bytearray, other: bytes) -> bytes:
    if not any(one):
        return other
    total = list(map(add, array("h", bytes(one)), array("h", other)))
    if max(total) > _MOST or min(total) < _LEAST:
        total = [max(_LEAST, min(_MOST, sample)) for sample in total]
    return array("h", total).tobytes()
