"""Waiting for a condition with a deadline, so that no test sleeps for a guessed time."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
POLL_S = 0.01
# The longer it takes, the rarer the looks: they would take the time from what is waited for.
SLOWEST_POLL_S = 0.2
POLLS = 50  # A look comes at most this part of the time so far too late.


def wait_until(condition: Callable[[], T], what: str, timeout_s: float = 10.0) -> T:
    """Return the first truthy value of `condition`.

    Raises TimeoutError naming `what` after `timeout_s`.
    """
    begun = time.monotonic()
    while not (value := condition()):
        pause_s = _pause_s(begun, timeout_s, what, value)
        time.sleep(pause_s)
    return value


async def until(condition: Callable[[], T], what: str, timeout_s: float = 10.0) -> T:
    """Like `wait_until`, for a running event loop."""
    begun = time.monotonic()
    while not (value := condition()):
        pause_s = _pause_s(begun, timeout_s, what, value)
        await asyncio.sleep(pause_s)
    return value


def _pause_s(begun: float, timeout_s: float, what: str, seen: object) -> float:
    """Return how long to wait for the next look. Raises TimeoutError when the time is over."""
    waited_s = time.monotonic() - begun
    if waited_s > timeout_s:
        raise TimeoutError(f"Not within {timeout_s} s: {what} (last saw {seen!r})")
    return min(max(POLL_S, waited_s / POLLS), SLOWEST_POLL_S)


async def stays(condition: Callable[[], object], what: str, for_s: float) -> None:
    """Watch `condition` for `for_s` seconds.

    Raises AssertionError naming `what` as soon as it is false.
    """
    deadline = time.monotonic() + for_s
    while time.monotonic() < deadline:
        assert condition(), what
        await asyncio.sleep(POLL_S)
