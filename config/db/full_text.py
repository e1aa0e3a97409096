"""Search for words, alike in SQLite and PostgreSQL: whatever form a letter has, and inside the
sentences of scripts without blanks.

    POSTS = Index("posts_post", ("text",))
    full_text.keep(POSTS)  # In AppConfig.ready().
    full_text.matching(Post.objects.all(), POSTS, full_text.words("low rivers"))

What a model saves is found at once. What is written in another way (`bulk_create`, SQL, an earlier
version of Parley) waits in a list that triggers keep, and is found when `catch_up` has read it, the
newest first. Why the indexes are no migrations: config/decisions/0019-search-in-the-database.md.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.signals import post_migrate, post_save

from config.db import word_index_postgres, word_index_sqlite
from config.db.folding import pieces
from config.db.word_index import WAITING, Index, Row, Server, Sought
from config.text import line

Rows = TypeVar("Rows", bound="QuerySet[Any]")  # Any: of whatever model.

QUERY_CHARS = 100
WORDS = 6  # Further words are ignored: each is one more list for the database to go through.
PIECES = 12  # What is typed as one word may have several, as 5月 or a-b.
SHORTEST_PREFIX = 3  # Beginnings of one or two letters fit half of all words.
BATCH = 500  # Rows of a transaction; some ten milliseconds.
STEP_S = 3
AT_ONCE = 2000  # The newest rows that a migration itself reads.

_kept: dict[str, Index] = {}


def words(query: str) -> list[str]:
    """Return what is to be found: without bare signs, at most WORDS of them."""
    cut = line(query[:QUERY_CHARS]).split()
    return [word for word in cut if any(char.isalnum() for char in word)][:WORDS]


def matching(rows: Rows, index: Index, terms: list[str]) -> Rows:
    """Leave the rows in which every term is found; none without a term."""
    return rows.filter(pk__in=found_ids(index, terms, rows.db))


def found_ids(index: Index, terms: list[str], using: str = DEFAULT_DB_ALIAS) -> RawSQL | list[int]:
    """Return the ids of rows in which every term is found, for an `__in`."""
    found = found_sql(index, terms, using)
    return found[0].ids(found[1]) if found else []


class FoundSql(NamedTuple):
    """The SQL of a query for ids; its parameters come apart, as `config.db.prepared` has it."""

    sql: str

    def ids(self, params: Iterable[str]) -> RawSQL:
        return RawSQL(self.sql, list(params))


def found_sql(
    index: Index, terms: list[str], using: str = DEFAULT_DB_ALIAS
) -> tuple[FoundSql, list[str]] | None:
    """Return what `found_ids` asks, and its parameters; None without a term."""
    sought = _sought(index, terms)
    if not sought:
        return None
    sql, params = _server(connections[using]).found(index, sought)
    return FoundSql(sql), params


def _sought(index: Index, terms: list[str]) -> list[Sought]:
    sought = []
    for term in terms:
        found = pieces(term)
        sought += [Sought(run, is_run=True, is_beginning=len(run) == 1) for run in found.runs]
        sought += [Sought(word, False, index.by_beginnings) for word in found.words]
    if sought and not sought[-1].is_run and len(sought[-1].text) >= SHORTEST_PREFIX:
        sought[-1] = sought[-1]._replace(is_beginning=True)
    return sought[-PIECES:]


def _server(connection: BaseDatabaseWrapper) -> Server:
    return word_index_postgres if connection.vendor == "postgresql" else word_index_sqlite


def keep(index: Index) -> None:
    """Have `index` follow its model, and built after every migration that left it out."""
    _kept[index.name] = index
    model = next(one for one in apps.get_models() if one._meta.db_table == index.table)

    def follow(
        instance: Model, using: str, update_fields: frozenset[str] | None, **_signal: object
    ) -> None:
        if update_fields is None or not update_fields.isdisjoint(index.columns):
            texts = {column: getattr(instance, column) for column in index.columns}
            _index_one(connections[using], index, instance.pk, texts)

    def build(using: str, **_signal: object) -> None:
        ensure(connections[using], index)

    post_save.connect(follow, sender=model, weak=False, dispatch_uid=index.name)
    owner = apps.get_app_config(model._meta.app_label)
    post_migrate.connect(build, sender=owner, weak=False, dispatch_uid=index.name)


def _index_one(
    connection: BaseDatabaseWrapper, index: Index, pk: int, texts: Mapping[str, object]
) -> None:
    # An expression has no text yet: the row waits.
    if all(isinstance(text, str) for text in texts.values()):
        with connection.cursor() as cursor:
            row = Row(pk, pieces(" ".join(map(str, texts.values()))))
            _server(connection).write(cursor, index, [row])


def ensure(connection: BaseDatabaseWrapper, index: Index) -> None:
    """Build the index if it is not there, or of an earlier version; every row then waits."""
    server = _server(connection)
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        if server.is_built(cursor, index):
            return
        if index.table not in connection.introspection.table_names(cursor):
            return  # Migrated back to before there was such a table.
        server.build(cursor, index)
        renew(connection, index)
    for _ in range(AT_ONCE // BATCH):
        _read_batch(connection, index)


def renew(connection: BaseDatabaseWrapper, index: Index) -> None:
    """Have every row read anew. What the index holds is found until then."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{WAITING}" (index_name, row_id) '
            f"SELECT '{index.name}', id FROM \"{index.table}\" WHERE {index.has_text(index.table)} "
            "ON CONFLICT DO NOTHING"
        )


def catch_up(using: str = DEFAULT_DB_ALIAS, for_s: float = STEP_S) -> None:
    """Read rows that wait, the newest of each table first, until none is left or time is over.

    It may be stopped at any moment and run twice at once: a batch is one transaction.
    """
    end = time.monotonic() + for_s
    left = list(_kept.values())
    # By turns: names of people do not wait for a million posts.
    while left and time.monotonic() < end:
        left = [index for index in left if _read_batch(connections[using], index)]


def _read_batch(connection: BaseDatabaseWrapper, index: Index) -> bool:
    """Return whether there was something to do."""
    server = _server(connection)
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        cursor.execute(
            f'SELECT row_id FROM "{WAITING}" WHERE index_name = %s ORDER BY row_id DESC LIMIT %s',
            [index.name, BATCH],
        )
        waiting = [pk for (pk,) in cursor.fetchall()]
        if not waiting:
            return False
        columns = ", ".join(f'"{column}"' for column in index.columns)
        places = ", ".join(["%s"] * len(waiting))
        # Locked, so that an edit meanwhile waits, and comes after what is written here.
        cursor.execute(
            f'SELECT id, {columns} FROM "{index.table}" WHERE id IN ({places}) {server.LOCKING}',
            waiting,
        )
        rows = [Row(pk, pieces(" ".join(texts))) for pk, *texts in cursor.fetchall()]
        server.write(cursor, index, rows)
        if len(rows) < len(waiting):
            # Others are being written just now; or gone without a trigger, as by TRUNCATE.
            cursor.execute(
                f'DELETE FROM "{WAITING}" WHERE index_name = %s AND row_id IN ({places}) '
                f'AND NOT EXISTS (SELECT 1 FROM "{index.table}" WHERE id = row_id)',
                [index.name, *waiting],
            )
    return bool(rows)
