"""Guesses at what an account logs in with. One count an account, wherever somebody tries:
log-in page, fresh log-in, API.
"""

from typing import Literal

from config.http import rate_limits

Kind = Literal["password", "code"]


class TooManyGuesses(Exception):
    """`wait_s`: after how many seconds the next try is heard."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


def count(kind: Kind, who: str) -> None:
    """Count a try before it is looked at, lest many at once be looked at. Raises TooManyGuesses."""
    if not rate_limits.hit(kind, who):
        raise TooManyGuesses(rate_limits.wait_s(kind, who))


def forget(kind: Kind, who: str) -> None:
    """The right one has come."""
    rate_limits.forget(kind, who)
