"""Search for words: PostgreSQL's full text (English and Indonesian) with a GIN index, SQLite's FTS5
with triggers.

    POSTS = Index("posts_post", ("text",))
    full_text.keep(POSTS, self)  # In AppConfig.ready(): made after each migration, if missing.
    fulltext.matching(Post.objects.all(), POSTS, ["river", "low"])

The indexes are no migrations: SQLite drops a table's triggers whenever Django remakes the table,
which any later migration may do. What is missing is found after every `migrate` and built again.
"""

import functools
import operator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import AppConfig
from django.contrib.postgres.search import (
    CombinedSearchQuery,
    SearchQuery,
    SearchVectorExact,
    SearchVectorField,
)
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.signals import post_migrate

Rows = TypeVar("Rows", bound="QuerySet[Any]")  # Any: of whatever model.

QUERY_CHARS = 100
WORDS = 6  # Further words are ignored: each is one more list for the database to go through.
SHORTEST_PREFIX = 3  # Beginnings of one or two letters fit half of all words.


@dataclass(frozen=True)
class Index:
    """Columns of one table that are searched as one text. Names of ours only: they go into SQL as
    they are.

    `languages` are PostgreSQL's; names of people want "simple", which leaves words as they are.
    `by_beginnings`: every word may be the beginning of a longer one, as people type names; else
    only the last one may.
    """

    table: str
    columns: tuple[str, ...]
    languages: tuple[str, ...] = ("english", "indonesian")
    by_beginnings: bool = False

    @property
    def name(self) -> str:
        return f"{self.table}_fts"

    @property
    def text(self) -> str:
        return " || ' ' || ".join(f'"{self.table}"."{column}"' for column in self.columns)

    @property
    def vector(self) -> str:
        return " || ".join(f"to_tsvector('{language}', {self.text})" for language in self.languages)


def words(query: str) -> list[str]:
    """Return what is to be found: without bare signs, at most WORDS of them."""
    cut = query[:QUERY_CHARS].replace("\x00", "").split()
    return [word for word in cut if any(char.isalnum() for char in word)][:WORDS]


def matching(rows: Rows, index: Index, terms: list[str]) -> Rows:
    """Leave the rows in which every term is found; none without a term."""
    if not terms:
        return rows.none()
    if connections[rows.db].vendor == "postgresql":
        # Not SearchVector: it coalesces its columns. A GIN index is only used for the very
        # expression that it was built from, and installed sites have theirs without.
        vector = RawSQL(index.vector, [], output_field=SearchVectorField())
        return rows.filter(SearchVectorExact(vector, _postgres_query(index, terms)))
    # Quoted, so that no sign of the query language has a meaning.
    quoted = ['"' + term.replace('"', '""') + '"' for term in terms]
    stars = ["*" if _is_beginning(index, terms, place) else "" for place in range(len(terms))]
    match = " ".join(word + star for word, star in zip(quoted, stars, strict=True))
    found = RawSQL(f'SELECT rowid FROM "{index.name}" WHERE "{index.name}" MATCH %s', [match])
    return rows.filter(pk__in=found)


def _is_beginning(index: Index, terms: list[str], place: int) -> bool:
    if index.by_beginnings:
        return True
    return place == len(terms) - 1 and len(terms[place]) >= SHORTEST_PREFIX


def _postgres_query(index: Index, terms: list[str]) -> CombinedSearchQuery | SearchQuery:
    """Each term in any of the languages, all terms together.

    A stop word of one language is a word of the other.
    """
    each: list[CombinedSearchQuery | SearchQuery] = []
    for place, term in enumerate(terms):
        ways = [SearchQuery(term, config=language) for language in index.languages]
        if _is_beginning(index, terms, place):
            lexeme = term.replace("\\", "\\\\").replace("'", "''")
            ways.append(SearchQuery(f"'{lexeme}':*", config="simple", search_type="raw"))
        each.append(functools.reduce(operator.or_, ways))
    return functools.reduce(operator.and_, each)


def keep(index: Index, app: AppConfig) -> None:
    """Have `index` built after every migration that left it out."""

    def build(using: str, **_signal: object) -> None:
        ensure(connections[using], index)

    post_migrate.connect(build, sender=app, weak=False, dispatch_uid=index.name)


def ensure(connection: BaseDatabaseWrapper, index: Index) -> None:
    if index.table not in connection.introspection.table_names():
        return  # Migrated back to before there was such a table.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f'CREATE INDEX IF NOT EXISTS "{index.name}" '
                f'ON "{index.table}" USING gin (({index.vector}))'
            )
        return
    # A migration that rebuilds the table in SQLite drops its triggers.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master "
            "WHERE type = 'trigger' AND tbl_name = %s AND name LIKE %s",
            [index.table, f"{index.name}_%"],
        )
        has_triggers = cursor.fetchone()[0] == len(_TRIGGERS)
    if not has_triggers:
        _build_fts5(connection, index)


_TRIGGERS = {
    "insert": 'AFTER INSERT ON "{table}" BEGIN {add}; END',
    "delete": 'AFTER DELETE ON "{table}" BEGIN {remove}; END',
    "update": 'AFTER UPDATE OF {columns} ON "{table}" BEGIN {remove}; {add}; END',
}


def _build_fts5(connection: BaseDatabaseWrapper, index: Index) -> None:
    """Make an index without a copy of the text, filled from what the table holds.

    It reads the table itself; to forget an old row, it must be told what that row said.
    """
    columns = ", ".join(f'"{column}"' for column in index.columns)
    of_new, of_old = (
        ", ".join(f'{row}."{column}"' for column in index.columns) for row in ("new", "old")
    )
    parts = {
        "table": index.table,
        "columns": columns,
        "add": f'INSERT INTO "{index.name}" (rowid, {columns}) VALUES (new.id, {of_new})',
        "remove": f'INSERT INTO "{index.name}" ("{index.name}", rowid, {columns}) '
        f"VALUES ('delete', old.id, {of_old})",
    }
    tokens = (
        "porter unicode61 remove_diacritics 2"
        if "english" in index.languages
        else "unicode61 remove_diacritics 2"
    )
    with connection.cursor() as cursor:
        for event in _TRIGGERS:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{index.name}_{event}"')
        cursor.execute(f'DROP TABLE IF EXISTS "{index.name}"')
        cursor.execute(
            f'CREATE VIRTUAL TABLE "{index.name}" USING fts5({columns}, '
            f"content='{index.table}', content_rowid='id', tokenize='{tokens}', prefix='2 3 4')"
        )
        for event, form in _TRIGGERS.items():
            cursor.execute(f'CREATE TRIGGER "{index.name}_{event}" {form.format(**parts)}')
        cursor.execute(f'INSERT INTO "{index.name}" ("{index.name}") VALUES (\'rebuild\')')
