"""Monotonic milliseconds, passed in wherever time matters, so that tests set the time."""

import time
from collections.abc import Callable

Clock = Callable[[], int]  # Milliseconds from an arbitrary start, never going back.


def monotonic_ms() -> int:
    # Not the wall clock: when that is set, every timeout of every peer would be wrong.
    return time.monotonic_ns() // 1_000_000
