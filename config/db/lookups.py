"""`filter(author__among=frozenset(ids))`: `in`, for very many ids, sent as one parameter.

Django makes of `in` with a thousand ids a thousand parameters, each of which it prepares, checks
and quotes: some milliseconds of every home timeline. The database sees the values as before, so
that it plans as well.
"""

import json
from collections.abc import Collection
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField, ForeignKey, Lookup
from django.db.models.sql.compiler import SQLCompiler


def among_parameter(ids: Collection[int], connection: BaseDatabaseWrapper) -> list[int] | str:
    """Return `ids` as the one parameter that `among` sends."""
    return sorted(ids) if connection.vendor == "postgresql" else json.dumps(sorted(ids))


@ForeignKey.register_lookup
@BigAutoField.register_lookup
class Among(Lookup[Any]):  # Any: as django-stubs has it for lookups of no one type.
    """The right side is a frozenset of ids; lists would be taken apart by Django's own checks."""

    lookup_name = "among"
    prepare_rhs = False
    rhs: Collection[int]

    def get_db_prep_lookup(
        self, value: Any, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        return "%s", (among_parameter(value, connection),)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, of_column = self.process_lhs(compiler, connection)
        place, ids = self.get_db_prep_lookup(self.rhs, connection)
        if connection.vendor == "postgresql":
            return f"{column} = ANY({place}::bigint[])", (*of_column, *ids)
        return f"{column} IN (SELECT value FROM json_each({place}))", (*of_column, *ids)
