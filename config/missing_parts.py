"""Which part of Parley an error says is missing: Redis, the database, or a disk. No view and no app
in here.

A part that is missing is nobody's mistake and soon over, so who asked is told to come back
(`config.http.unavailable`). An error that stays however often one asks, such as a table that is
not there, is not one of these.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import redis
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError as BrokerError

SOON_S, LATER_S = 5, 60  # An outage is over by itself; a full disk waits for a person.


class Part(StrEnum):
    """Words that monitors may decide by; they stay as they are."""

    REDIS = "redis"
    DATABASE = "database"
    DISK = "disk"


class State(StrEnum):
    """How it is missing."""

    AWAY = "away"
    LOCKED = "locked"
    FULL = "full"
    READ_ONLY = "read_only"


MESSAGES = {
    State.AWAY: _("A part of this site is not answering right now. Please try again in a moment."),
    State.LOCKED: _("Too much is being written at once right now. Please try again in a moment."),
    State.FULL: _("This site has no room left to store things right now. Please try again later."),
    State.READ_ONLY: _("This site can be read, but not changed right now. Please try again later."),
}


@dataclass(frozen=True)
class MissingPart:
    part: Part
    state: State
    retry_after_s: int

    @property
    def message(self) -> Promise:
        """The sentence for people."""
        return MESSAGES[self.state]


class Unavailable(Exception):
    """Something cannot be done now and can be done later; `message` says what, to a person.

    Raise it for what has no error of its own, such as a machine that is busy with pictures.
    """

    def __init__(self, message: str | Promise, retry_after_s: int = SOON_S) -> None:
        super().__init__(str(message))
        self.message = message
        self.retry_after_s = retry_after_s


_DISK = {
    errno.ENOSPC: (State.FULL, LATER_S),
    errno.EDQUOT: (State.FULL, LATER_S),
    errno.EROFS: (State.READ_ONLY, LATER_S),
    errno.EACCES: (State.READ_ONLY, LATER_S),
    errno.EPERM: (State.READ_ONLY, LATER_S),
    errno.EIO: (State.AWAY, LATER_S),
    errno.EMFILE: (State.AWAY, SOON_S),
    errno.ENFILE: (State.AWAY, SOON_S),
}
# Primary result codes of SQLite (sqlite.org/rescode.html); what is not here is a mistake of ours.
_SQLITE = {
    3: (State.READ_ONLY, LATER_S),  # SQLITE_PERM
    5: (State.LOCKED, SOON_S),  # SQLITE_BUSY
    6: (State.LOCKED, SOON_S),  # SQLITE_LOCKED
    8: (State.READ_ONLY, LATER_S),  # SQLITE_READONLY
    10: (State.AWAY, LATER_S),  # SQLITE_IOERR
    13: (State.FULL, LATER_S),  # SQLITE_FULL
    14: (State.AWAY, LATER_S),  # SQLITE_CANTOPEN
    15: (State.LOCKED, SOON_S),  # SQLITE_PROTOCOL: the write-ahead log is fought for.
}
# States of PostgreSQL by their first characters (its appendix A, "Error Codes").
_POSTGRES = {
    "08": (State.AWAY, SOON_S),  # The connection is lost.
    "25006": (State.READ_ONLY, SOON_S),  # A replica, until it is promoted.
    "40": (State.LOCKED, SOON_S),  # A deadlock, or a transaction that must be repeated.
    "53100": (State.FULL, LATER_S),
    "53": (State.AWAY, SOON_S),  # No memory, no connection left.
    "55P03": (State.LOCKED, SOON_S),
    "57": (State.AWAY, SOON_S),  # It is starting up or shutting down; a statement took too long.
    "58": (State.AWAY, LATER_S),  # Its own disk fails.
}


def of(error: BaseException) -> MissingPart | None:
    """Return the part whose absence `error` reports; None for every other kind of error.

    Looks behind errors that were raised because of another one: libraries wrap what they catch.
    """
    return next(filter(None, map(_of_one, _chain(error))), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what it was raised from. Not what it was raised while handling: that was
    dealt with, and the new error may be a mistake in doing so.
    """
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__


def _of_one(error: BaseException) -> MissingPart | None:
    if isinstance(error, BrokerError):
        return MissingPart(Part.REDIS, State.AWAY, SOON_S)
    if isinstance(error, redis.RedisError):
        return _of_redis(error)
    if isinstance(error, DatabaseError | InterfaceError):
        return _of_database(error)
    # A service that refuses raises PermissionError with a sentence, and without a number.
    if isinstance(error, OSError) and error.errno in _DISK:
        return MissingPart(Part.DISK, *_DISK[error.errno])
    return None


def _of_redis(error: redis.RedisError) -> MissingPart | None:
    """A ResponseError is a mistake of ours, but for what Redis says when it may not write."""
    text = str(error).removeprefix("-")
    if isinstance(error, redis.exceptions.OutOfMemoryError) or text.startswith("OOM"):
        return MissingPart(Part.REDIS, State.FULL, LATER_S)
    if isinstance(error, redis.ReadOnlyError) or text.startswith(("READONLY", "MISCONF")):
        return MissingPart(Part.REDIS, State.READ_ONLY, SOON_S)
    if isinstance(error, redis.ConnectionError | redis.TimeoutError) or text.startswith(
        ("LOADING", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN", "BUSY ")
    ):
        return MissingPart(Part.REDIS, State.AWAY, SOON_S)
    return None


def _of_database(error: Exception) -> MissingPart | None:
    if isinstance(error, InterfaceError):  # "The connection is closed."
        return MissingPart(Part.DATABASE, State.AWAY, SOON_S)
    driver = error.__cause__ or error
    code = getattr(driver, "sqlite_errorcode", None)
    if code is not None:
        found = _SQLITE.get(code & 0xFF)
    else:
        # psycopg gives no state when the server could not be reached, or did not answer.
        state = getattr(driver, "sqlstate", None) or (
            "08" if isinstance(error, OperationalError) else ""
        )
        found = next((_POSTGRES[state[:n]] for n in (5, 2) if state[:n] in _POSTGRES), None)
    return MissingPart(Part.DATABASE, *found) if found else None
