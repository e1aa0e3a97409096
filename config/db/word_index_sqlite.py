"""An index of words in SQLite: an FTS5 table of words and of the pairs of runs.

They come folded and cut, so the tokenizer is the one that parts at blanks and leaves all but ASCII
as it is: `unicode61` knows the characters of Unicode 6.1 alone.
"""

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

from config.db.folding import pairs
from config.db.word_index import EVENTS, WAITING, Index, Row, Sought

LOCKING = ""  # A transaction that begins IMMEDIATE is alone.


def is_built(cursor: CursorWrapper, index: Index) -> bool:
    # A migration that remakes the table in SQLite drops its triggers.
    names = [index.trigger(event) for event in EVENTS]
    cursor.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s "
        "AND name IN (%s, %s, %s)",
        [index.table, *names],
    )
    return bool(cursor.fetchone()[0] == len(EVENTS))


def build(cursor: CursorWrapper, index: Index) -> None:
    """Make table and triggers, without rows. What an earlier version made goes away."""
    old = f"{index.table}_fts"
    cursor.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s "
        "AND (name GLOB %s OR name GLOB %s)",
        [index.table, f"{old}_*", f"{index.name}_[0-9]*"],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP TRIGGER "{name}"')
    cursor.execute(f'DROP TABLE IF EXISTS "{old}"')
    cursor.execute(
        f'CREATE TABLE IF NOT EXISTS "{WAITING}" '
        "(index_name text, row_id integer, PRIMARY KEY (index_name, row_id)) WITHOUT ROWID"
    )
    tokens = "porter ascii" if "english" in index.languages else "ascii"
    cursor.execute(
        f'CREATE VIRTUAL TABLE IF NOT EXISTS "{index.name}" USING fts5('
        f"words, tokenize='{tokens}', prefix='2 3 4', columnsize=0)"
    )
    wait = f"INSERT OR IGNORE INTO \"{WAITING}\" VALUES ('{index.name}', new.id)"
    forget = (
        f'DELETE FROM "{index.name}" WHERE rowid = old.id; '
        f"DELETE FROM \"{WAITING}\" WHERE index_name = '{index.name}' AND row_id = old.id"
    )
    columns = ", ".join(f'"{column}"' for column in index.columns)
    for event, when, condition, follow in (
        ("insert", "INSERT", f"WHEN {index.has_text('new')}", wait),
        ("update", f"UPDATE OF {columns}", f"WHEN {index.has_changed('old', 'new')}", wait),
        ("delete", "DELETE", "", forget),
    ):
        cursor.execute(
            f'CREATE TRIGGER "{index.trigger(event)}" AFTER {when} ON "{index.table}" '
            f"{condition} BEGIN {follow}; END"
        )


def write(cursor: CursorWrapper, index: Index, rows: Sequence[Row]) -> None:
    """Put rows into the index, or out of it if they have no words, and off the waiting list."""
    full = [(row.pk, text) for row in rows if (text := _text(row))]
    empty = [(row.pk,) for row in rows if not (row.pieces.words or row.pieces.runs)]
    cursor.executemany(f'REPLACE INTO "{index.name}" (rowid, words) VALUES (%s, %s)', full)
    cursor.executemany(f'DELETE FROM "{index.name}" WHERE rowid = %s', empty)
    cursor.executemany(
        f'DELETE FROM "{WAITING}" WHERE index_name = %s AND row_id = %s',
        [(index.name, row.pk) for row in rows],
    )


def _text(row: Row) -> str:
    words = dict.fromkeys(row.pieces.words)
    return " ".join([*words, *(pair for run in row.pieces.runs for pair in pairs(run))])


def found(index: Index, sought: Sequence[Sought]) -> tuple[str, list[str]]:
    """Return the query for the ids of rows that hold all that is sought."""
    match = " ".join(map(_query, sought))
    return f'SELECT rowid FROM "{index.name}" WHERE "{index.name}" MATCH %s', [match]


def _query(piece: Sought) -> str:
    """Quoted, so that OR and NEAR are words."""
    if piece.is_run and len(piece.text) > 1:
        return f'"{" ".join(pairs(piece.text)[:-1])}"'
    return f'"{piece.text}"*' if piece.is_beginning else f'"{piece.text}"'
