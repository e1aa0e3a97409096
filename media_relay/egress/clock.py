"""The time of day that never leaps: it is read once, then the monotonic clock goes on from it."""

import time
from collections.abc import Callable

Clock = Callable[[], int]  # Microseconds since the epoch.


def steady() -> Clock:
    """Return a clock of its own.

    Two processes of one machine agree as well as the machine's clock is kept.
    """
    begun_us = time.time_ns() // 1000 - time.monotonic_ns() // 1000
    return lambda: begun_us + time.monotonic_ns() // 1000
