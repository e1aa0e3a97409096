"""A stage for tests: people talk by a script, in packets of 20 ms, and the detector listens."""

import random
from collections.abc import Callable, Iterable

PACKET_MS = 20
UPDATE_MS = 40
VOICE, QUIET = -28, -70

Script = Callable[[int], int | None]  # Milliseconds -> dBov, None for no packet.


def during(
    *spans: tuple[int, int], level: int = VOICE, otherwise: int | None = QUIET, seed: int = 1
) -> Script:
    """Talk in these spans of milliseconds: syllables of changing loudness with short gaps between
    words.
    """
    rng = random.Random(seed)
    wobble = [rng.randint(-8, 6) for _ in range(1000)]

    def speak(now: int) -> int | None:
        for start, end in spans:
            if start <= now < end:
                in_word = (now - start) % 600 < 520  # A gap of 80 ms between words.
                return level + wobble[now // PACKET_MS % 1000] if in_word else QUIET
        return otherwise

    return speak


def tone(*spans: tuple[int, int], level: int = VOICE) -> Script:
    """Sound without any change in these spans."""

    def speak(now: int) -> int | None:
        return level if any(start <= now < end for start, end in spans) else QUIET

    return speak


def turns(first: int, every: int, length: int, until: int) -> Iterable[tuple[int, int]]:
    """Return spans of `length` that begin every `every` milliseconds."""
    return [(start, start + length) for start in range(first, until, every)]
