"""How many messages one socket may send."""


class MessageRate:
    """A bucket of `per_second` tokens that refills evenly. `now` is monotonic seconds, passed in.

    A socket that goes on over the limit for `patience` messages is hopeless: it is closed.
    """

    def __init__(self, per_second: int, now: float, patience: int = 100) -> None:
        self._per_second = per_second
        self._tokens = float(per_second)
        self._at = now
        self._patience = patience
        self._over = 0

    def allows(self, now: float) -> bool:
        """Take a token if there is one."""
        self._tokens = min(self._per_second, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            # Not to 0: a flood that is let through now and then must still add up to `patience`.
            self._over = max(0, self._over - 1)
            return True
        self._over += 1
        return False

    @property
    def is_first_over(self) -> bool:
        """True for the first refused message of a burst."""
        # One `error` says it; a hundred would be a flood of our own.
        return self._over == 1

    @property
    def is_hopeless(self) -> bool:
        return self._over >= self._patience
