"""What light listeners heard in a time: the pauses between packets, and the packets that never came.

A pause is the relay's, the talker's or the machine's, so each is told beside those of a time of the
same length in which nothing was done. A packet that is missing is nobody's but the relay's.
"""

import itertools
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.meter import percentile

CYCLE = 1 << 16  # Sequence numbers (RFC 3550 §5.1).


class Sound:
    """Every packet that one listener got: when, of which stream, and its number."""

    def __init__(self) -> None:
        self.last_at = float("-inf")
        self._packets: list[tuple[float, int, int]] = []

    def add(self, at: float, packet: bytes) -> None:
        number, ssrc = struct.unpack_from("!2xH4xI", packet)
        self.last_at = at
        self._packets.append((at, ssrc, number))

    def gaps_s(self, since: float, until: float) -> list[float]:
        """Return the times without a packet; one that began before or goes on counts as far as it
        lies inside.
        """
        inside = [at for at, _, _ in self._packets if since <= at <= until]
        return [later - earlier for earlier, later in itertools.pairwise([since, *inside, until])]

    def lost(self, since: float, until: float) -> int:
        """Return how many numbers are missing in the stream that carried most of the talk."""
        packets = [one for one in self._packets if since <= one[0] <= until]
        if not packets:
            return 0
        talk = Counter(ssrc for _, ssrc, _ in packets).most_common(1)[0][0]
        numbers = [number for _, ssrc, number in packets if ssrc == talk]
        # From each to the next: late ones step back, and what they left open is closed by it.
        steps = (
            (later - earlier + CYCLE // 2) % CYCLE - CYCLE // 2
            for earlier, later in itertools.pairwise(numbers)
        )
        return sum(steps) + 1 - len(set(numbers))


@dataclass(frozen=True)
class Heard:
    """Of all listeners together. `longest_s` has one for each."""

    gaps_s: list[float]
    longest_s: list[float]
    lost: int

    @classmethod
    def of(cls, sounds: Sequence[Sound], since: float, until: float) -> "Heard":
        gaps_s = [sound.gaps_s(since, until) for sound in sounds]
        return cls(
            [gap for each in gaps_s for gap in each],
            [max(each) for each in gaps_s],
            sum(sound.lost(since, until) for sound in sounds),
        )

    def __str__(self) -> str:
        figures = (percentile(self.gaps_s, 0.5), percentile(self.gaps_s, 0.99), max(self.gaps_s))
        times = " · ".join(f"{1000 * figure:.0f}" for figure in figures)
        return f"{times} ms, {self.lost}"
