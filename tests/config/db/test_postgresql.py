"""PostgreSQL that is frozen, locked or slow keeps nobody waiting; with the real server, really
stopped.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import cast

import environ
import pytest
from django.db import OperationalError, connections
from pytest_django import DjangoDbBlocker

from config import missing_parts
from config.db import patience
from config.db.patience import OF_A_WEB, Patience
from config.db.postgresql.base import DatabaseWrapper
from config.missing_parts import State
from tests.stack.postgres import Postgres, postgres_server

_numbers = itertools.count()
SHORT = Patience(lock_s=0.5, statement_s=1, answer_s=2)


@pytest.fixture(scope="module")
def server(django_db_blocker: DjangoDbBlocker) -> Iterator[Postgres]:
    try:
        with postgres_server() as server, django_db_blocker.unblock():
            yield server
    except FileNotFoundError as error:
        pytest.skip(str(error))


@contextmanager
def connected(server: Postgres, limits: Patience | None) -> Iterator[DatabaseWrapper]:
    """Yield a connection as a process makes it that waits so long."""
    usual, alias = patience.ours(), f"postgresql{next(_numbers)}"
    patience.have(limits)
    connections.databases[alias] = {
        **connections.databases["default"],
        **environ.Env.db_url_config(server.url),
        "ENGINE": "config.db.postgresql",
        "OPTIONS": {"connect_timeout": 2},
        "TIME_ZONE": None,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
    database = cast("DatabaseWrapper", connections[alias])
    try:
        with closing(database):
            database.ensure_connection()  # While it is this one's limits that count.
            yield database
    finally:
        patience.have(usual)
        del connections[alias], connections.databases[alias]


def ask(database: DatabaseWrapper, statement: str) -> object:
    with database.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def run(database: DatabaseWrapper, statement: str) -> None:
    with database.cursor() as cursor:
        cursor.execute(statement)


def refusal(work: Callable[[], object]) -> State:
    """Return what the error says of PostgreSQL, which must come before any test's own limit."""
    with pytest.raises(OperationalError) as caught:
        work()
    found = missing_parts.of(caught.value)
    assert found is not None, repr(caught.value)
    return found.state


@pytest.mark.timeout(60)
def test_it_gives_up_a_server_that_is_frozen_and_finds_it_again(server: Postgres) -> None:
    with connected(server, SHORT) as database:
        assert ask(database, "SELECT 1") == 1
        server.freeze()
        try:
            assert refusal(lambda: ask(database, "SELECT 2")) is State.AWAY
            begun = time.monotonic()
            assert not database.is_usable(), "What was given up is not asked again."
            assert time.monotonic() - begun < SHORT.answer_s
            database.close()
            assert refusal(lambda: ask(database, "SELECT 3")) is State.AWAY, "No new connection."
        finally:
            server.thaw()
        database.close()
        assert ask(database, "SELECT 4") == 4


@pytest.mark.timeout(60)
def test_it_asks_a_kept_connection_for_a_moment_only(server: Postgres) -> None:
    patient = Patience(lock_s=1000, statement_s=1000, answer_s=1000)
    with connected(server, patient) as database:
        assert database.is_usable()
        server.freeze()
        try:
            assert not database.is_usable()
        finally:
            server.thaw()
        database.close()
        assert ask(database, "SELECT 1") == 1


@pytest.mark.timeout(60)
def test_it_gives_up_in_a_transaction_and_leaves_nothing_behind(server: Postgres) -> None:
    with connected(server, SHORT) as database, connected(server, None) as other:
        run(other, "CREATE TABLE halves (n integer)")
        database.set_autocommit(False)
        ask(database, "INSERT INTO halves VALUES (1) RETURNING n")
        server.freeze()
        try:
            assert refusal(lambda: ask(database, "SELECT 2")) is State.AWAY
        finally:
            server.thaw()
        other.set_autocommit(False)
        # Is had when the server has noticed that nobody is there any more.
        run(other, "LOCK TABLE halves")
        assert ask(other, "SELECT count(*) FROM halves") == 0


@pytest.mark.timeout(60)
def test_it_waits_for_no_lock_and_no_statement_longer_than_it_says(server: Postgres) -> None:
    with connected(server, SHORT) as database, connected(server, None) as holder:
        run(holder, "CREATE TABLE held (n integer)")
        holder.set_autocommit(False)
        run(holder, "LOCK TABLE held")
        assert refusal(lambda: ask(database, "SELECT count(*) FROM held")) is State.LOCKED
        assert refusal(lambda: ask(database, "SELECT pg_sleep(60)")) is State.AWAY
        holder.rollback()
        assert ask(database, "SELECT count(*) FROM held") == 0, "The connection is as good as new."


def test_it_keeps_what_the_address_of_the_database_says(server: Postgres) -> None:
    with connected(server, SHORT) as database:
        database.settings_dict["OPTIONS"]["options"] = "-c work_mem=5MB -c lock_timeout=7s"
        database.close()
        found = [ask(database, f"SHOW {name}") for name in ("work_mem", "lock_timeout")]
        assert found == ["5MB", "7s"]
        assert ask(database, "SHOW statement_timeout") == "1s"


def test_a_command_waits_as_long_as_it_takes(server: Postgres) -> None:
    with connected(server, None) as database:
        found = [ask(database, f"SHOW {name}") for name in ("lock_timeout", "statement_timeout")]
        assert found == ["0", "0"]


def test_the_server_says_what_is_wrong_before_we_give_it_up() -> None:
    for one in (OF_A_WEB, patience.OF_A_WORKER):
        assert one.lock_s < one.statement_s < one.answer_s
