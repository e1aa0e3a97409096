"""Django's PostgreSQL, which waits no longer than `config.db.patience` says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout

from config.db import patience

T = TypeVar("T")
# A page that finds a kept connection frozen has to make another one and to ask, too.
HEALTH_CHECK_S = 1.0
# A peer that has gone without a word is missed after a minute, not after the two hours of Linux.
KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:  # Any: as Django has it.
        """Add the limits that the server keeps, before what DATABASE_URL says."""
        params: dict[str, Any] = {**KEEPALIVES, **super().get_connection_params()}
        if limits := patience.ours():
            milliseconds = {
                "lock_timeout": limits.lock_s * 1000,
                "statement_timeout": limits.statement_s * 1000,
            }
            options = [f"-c {name}={value:.0f}" for name, value in milliseconds.items()]
            params["options"] = " ".join([*options, params.get("options", "")]).strip()
        return params

    # Any: psycopg's connection in Django's words.
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        if limits := patience.ours():
            # Which class it is Django leaves nobody to choose; this one adds nothing to its state.
            connection.__class__ = ImpatientConnection
            connection.answer_s = limits.answer_s
        return connection

    def is_usable(self) -> bool:
        """False, too, for a server that does not say so at once: a new connection is cheap."""
        if not isinstance(self.connection, ImpatientConnection):
            return super().is_usable()
        with self.connection.answering_within(HEALTH_CHECK_S):
            return super().is_usable()


class ImpatientConnection(psycopg.Connection[Any]):  # Any: rows, as Django reads them.
    """Gives up a server that does not answer, instead of waiting for ever."""

    answer_s: float

    @contextmanager
    def answering_within(self, seconds: float) -> Iterator[None]:
        before, self.answer_s = self.answer_s, seconds
        try:
            yield
        finally:
            self.answer_s = before

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Raises OperationalError, and closes the connection: its answer may still come."""
        try:
            return super().wait(gen, interval, self.answer_s if timeout is None else timeout)
        except _WaitTimeout as error:
            self.close()
            raise psycopg.OperationalError(
                f"PostgreSQL has not answered for {self.answer_s} s."
            ) from error
