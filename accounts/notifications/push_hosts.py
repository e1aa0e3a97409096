"""How the servers of pushes behave, kept for the next sweep in the cache: one that fails again and
again is left alone for a while. Without a cache every sweep begins anew.
"""

import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypedDict

from django.core.cache import cache
from redis.exceptions import RedisError

FREE_FAILURES = 2  # In a row; a network hiccups.
# After the third failure in a row, the fourth …; shorter than what a delivery waits by itself.
REST_S = (30, 120, 600, 1800, 6 * 3600)
KEPT_S = 7 * 86400
REACHED_S = 86400
HOST_CHARS = 200  # Of its end; a name has at most 253 (RFC 1035 §2.3.4).
_REACHED_KEY = "push_reached"


class _Record(TypedDict):
    """`rests_until` is seconds since 1970; `has_answered`: at some time in the last week."""

    failures: int
    rests_until: float
    has_answered: bool


class PushHosts:
    """What is known of the hosts in one sweep, of which there is one at a time in the whole site.

    Threads may share it.
    """

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}
        self._lock = threading.Lock()
        self._is_reached = False

    def is_untried(self, host: str) -> bool:
        """Return whether it has not answered yet, or not the last time."""
        return not self._record(host)["has_answered"] or self.has_failed(host)

    def has_failed(self, host: str) -> bool:
        return self._record(host)["failures"] > 0

    def rest_of(self, host: str, now: datetime) -> timedelta:
        """Return for how long it is left alone; zero for most."""
        return max(timedelta(), timedelta(seconds=self._record(host)["rests_until"] - _ts(now)))

    def answered(self, host: str) -> None:
        record = self._record(host)
        if record["failures"] or not record["has_answered"]:
            self._keep(host, {"failures": 0, "rests_until": 0.0, "has_answered": True})
        if not self._is_reached:
            self._is_reached = True
            with suppress(RedisError):
                cache.set(_REACHED_KEY, 1, REACHED_S)

    def failed(self, host: str, now: datetime) -> None:
        with self._lock:
            record = self._record(host)
            failures = record["failures"] + 1
            over = failures - FREE_FAILURES
            rest_s = REST_S[min(over, len(REST_S)) - 1] if over > 0 else 0
            self._keep(
                host,
                {
                    "failures": failures,
                    "rests_until": _ts(now) + rest_s,
                    "has_answered": record["has_answered"],
                },
            )

    def _record(self, host: str) -> _Record:
        if host not in self._records:
            empty: _Record = {"failures": 0, "rests_until": 0.0, "has_answered": False}
            self._records[host] = empty
            with suppress(RedisError):
                self._records[host] = cache.get(_key(host)) or empty
        return self._records[host]

    def _keep(self, host: str, record: _Record) -> None:
        self._records[host] = record
        with suppress(RedisError):
            cache.set(_key(host), record, KEPT_S)


def is_anyone_reached() -> bool:
    """Return whether any push went out in the last day: else it may be our own network."""
    with suppress(RedisError):
        return bool(cache.get(_REACHED_KEY))
    return False


def _key(host: str) -> str:
    return f"push_host:{host[-HOST_CHARS:]}"


def _ts(moment: datetime) -> float:
    return moment.timestamp()
