"""Which errors say that a part is missing, with real errors of the real drivers where they can be
had at once; the parts themselves are stopped in tests/parts.
"""

import errno
import sqlite3
from pathlib import Path

import pytest
import redis
from django.db import DatabaseError, IntegrityError, InterfaceError, InternalError, OperationalError

from config import missing_parts
from config.missing_parts import Part, State
from tests.stack.valkey import Valkey


def of_sqlite(error: sqlite3.Error) -> OperationalError:
    """Return what Django makes of an error of the driver."""
    wrapped = OperationalError(*error.args)
    wrapped.__cause__ = error
    return wrapped


def of_postgres(state: str | None, kind: type[DatabaseError] = OperationalError) -> DatabaseError:
    class Error(Exception):
        sqlstate = state

    Error.__name__ = kind.__name__
    wrapped = kind("…")
    wrapped.__cause__ = Error()
    return wrapped


def failing(path: Path, *statements: str) -> sqlite3.Error:
    with pytest.raises(sqlite3.Error) as caught:
        link = sqlite3.connect(path, timeout=0, isolation_level=None)
        for statement in statements:
            link.execute(statement)
    return caught.value


def test_it_knows_a_locked_a_full_and_a_read_only_database(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE things (name TEXT)")
    holder.execute("BEGIN EXCLUSIVE")
    locked = failing(path, "INSERT INTO things VALUES ('a')")
    holder.execute("ROLLBACK")
    full = failing(
        path, "PRAGMA max_page_count = 2", "INSERT INTO things VALUES (zeroblob(100000))"
    )
    read_only = failing(path, "PRAGMA query_only = 1", "INSERT INTO things VALUES ('a')")
    nowhere = failing(tmp_path / "no" / "such" / "folder")
    found = [missing_parts.of(of_sqlite(one)) for one in (locked, full, read_only, nowhere)]
    assert [one and (one.part, one.state) for one in found] == [
        (Part.DATABASE, State.LOCKED),
        (Part.DATABASE, State.FULL),
        (Part.DATABASE, State.READ_ONLY),
        (Part.DATABASE, State.AWAY),
    ]


@pytest.mark.parametrize("statement", ["SELECT * FROM nothing", "SELEKT 1", "SELECT no FROM a"])
def test_it_takes_no_mistake_of_ours_for_an_outage(tmp_path: Path, statement: str) -> None:
    error = of_sqlite(failing(tmp_path / "a.sqlite3", "CREATE TABLE a (name TEXT)", statement))
    assert missing_parts.of(error) is None


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (of_postgres(None), State.AWAY),
        (of_postgres("08006"), State.AWAY),
        (of_postgres("57P03"), State.AWAY),
        (of_postgres("53300"), State.AWAY),
        (of_postgres("53100"), State.FULL),
        (of_postgres("55P03"), State.LOCKED),
        (of_postgres("40P01"), State.LOCKED),
        (of_postgres("25006", InternalError), State.READ_ONLY),
        (InterfaceError("connection already closed"), State.AWAY),
        (of_postgres("42P01"), None),
        (of_postgres("25P02", InternalError), None),
        (IntegrityError("UNIQUE constraint failed"), None),
    ],
)
def test_it_reads_the_states_of_postgresql(error: Exception, state: object) -> None:
    found = missing_parts.of(error)
    assert (found.state if found else None) == state


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (redis.ConnectionError("Connection refused"), State.AWAY),
        (redis.TimeoutError("Timeout reading from socket"), State.AWAY),
        (redis.exceptions.BusyLoadingError("loading"), State.AWAY),
        (redis.exceptions.OutOfMemoryError("command not allowed"), State.FULL),
        (redis.ReadOnlyError("You can't write against a read only replica."), State.READ_ONLY),
        (redis.ResponseError("MISCONF Redis is configured to save RDB snapshots"), State.READ_ONLY),
        (redis.ResponseError("MASTERDOWN Link with MASTER is down"), State.AWAY),
        (redis.ResponseError("WRONGTYPE Operation against a key"), None),
        (redis.DataError("Invalid input of type"), None),
        (OSError(errno.ENOSPC, "No space left on device"), State.FULL),
        (OSError(errno.EROFS, "Read-only file system"), State.READ_ONLY),
        (PermissionError(errno.EACCES, "Permission denied"), State.READ_ONLY),
        (PermissionError("You may not do that."), None),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (ValueError("a mistake"), None),
    ],
)
def test_it_tells_outages_of_redis_and_disks_from_mistakes(error: Exception, state: object) -> None:
    found = missing_parts.of(error)
    assert (found.state if found else None) == state


def test_it_knows_the_errors_of_a_real_redis_that_may_not_write(own_valkey: Valkey) -> None:
    with redis.Redis.from_url(own_valkey.url) as client:
        script = "return redis.call('set', KEYS[1], 'a')"
        try:
            client.config_set("maxmemory", 1)
            errors = [caught(client.set, "a", "b"), caught(client.eval, script, 1, "a")]
            client.config_set("maxmemory", 0)
            client.execute_command("REPLICAOF", "127.0.0.1", "1")
            errors += [caught(client.set, "a", "b"), caught(client.eval, script, 1, "a")]
        finally:
            client.config_set("maxmemory", 0)
            client.execute_command("REPLICAOF", "NO", "ONE")
    found = [missing_parts.of(error) for error in errors]
    assert [one and one.state for one in found] == [
        State.FULL,
        State.FULL,
        State.READ_ONLY,
        State.READ_ONLY,
    ]


def caught(work: object, *args: object) -> Exception:
    with pytest.raises(redis.RedisError) as error:
        work(*args)  # type: ignore[operator]  # A method of the client.
    return error.value


def test_it_looks_behind_what_libraries_wrap() -> None:
    try:
        try:
            raise redis.ConnectionError("Connection refused")
        except redis.ConnectionError as error:
            raise RuntimeError("the broker cannot be reached") from error
    except RuntimeError as error:
        found = missing_parts.of(error)
    assert found is not None and found.part is Part.REDIS
