"""The time of asking, in a query set that may be asked later, and again (`config.db.prepared`).

    Fleet.objects.filter(expires_at__gt=Now())

By the clock of this process, which tests may set; not that of the database, which another machine
may have.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Expression
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


class Now(Expression):
    output_field = DateTimeField()

    # Any: whatever the driver takes.
    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        moment = _standing.get() or timezone.now()
        return "%s", (connection.ops.adapt_datetimefield_value(moment),)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Make `Now()` mean `moment`."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)
