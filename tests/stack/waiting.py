"""Waiting for a condition with a deadline, so that no test sleeps for a guessed time."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
POLL_S = 0.01


def wait_until(condition: Callable[[], T], what: str, timeout_s: float = 10.0) -> T:
    """Return the first truthy value of `condition`. Raises TimeoutError naming `what` after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {timeout_s} s: {what} (last saw {value!r})")
        time.sleep(POLL_S)
    return value


async def until(condition: Callable[[], T], what: str, timeout_s: float = 10.0) -> T:
    """Like `wait_until`, for a running event loop."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {timeout_s} s: {what} (last saw {value!r})")
        await asyncio.sleep(POLL_S)
    return value


async def stays(condition: Callable[[], object], what: str, for_s: float) -> None:
    """Watch `condition` for `for_s` seconds. Raises AssertionError naming `what` as soon as it is false."""
    deadline = time.monotonic() + for_s
    while time.monotonic() < deadline:
        assert condition(), what
        await asyncio.sleep(POLL_S)
