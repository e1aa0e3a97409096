"""An index of words in PostgreSQL: a table with a `tsvector` of each row, under a GIN index.

Words are lexemes as they are, and once more by their stems in each language. Pairs of a run have
places, so that a longer run is found as a phrase. No parser reads the text: which characters make a
word would depend on the locale of the database.
"""

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

from config.db.folding import pairs
from config.db.word_index import EVENTS, WAITING, Index, Row, Sought

# Nobody waits for us, nor we for them: what another transaction holds comes next time.
LOCKING = "FOR NO KEY UPDATE SKIP LOCKED"


def is_built(cursor: CursorWrapper, index: Index) -> bool:
    cursor.execute(
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgname = ANY(%s)",
        [f'"{index.table}"', [index.trigger(event) for event in EVENTS]],
    )
    return bool(cursor.fetchone()[0] == len(EVENTS))


def build(cursor: CursorWrapper, index: Index) -> None:
    """Make table and triggers, without rows. What an earlier version made goes away."""
    cursor.execute(f'DROP INDEX IF EXISTS "{index.table}_fts"')
    cursor.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgname ~ %s",
        [f'"{index.table}"', rf"^{index.name}_\d+_"],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP TRIGGER "{name}" ON "{index.table}"')
    cursor.execute(
        f'CREATE TABLE IF NOT EXISTS "{WAITING}" '
        "(index_name text, row_id bigint, PRIMARY KEY (index_name, row_id))"
    )
    cursor.execute(
        f'CREATE TABLE IF NOT EXISTS "{index.name}" '
        "(id bigint PRIMARY KEY, words tsvector NOT NULL)"
    )
    cursor.execute(
        f'CREATE INDEX IF NOT EXISTS "{index.name}_gin" ON "{index.name}" USING gin (words)'
    )
    cursor.execute(
        f'CREATE OR REPLACE FUNCTION "{index.name}_wait"() RETURNS trigger LANGUAGE plpgsql AS '
        f"$$BEGIN INSERT INTO \"{WAITING}\" VALUES ('{index.name}', NEW.id) ON CONFLICT DO NOTHING;"
        " RETURN NULL; END$$"
    )
    cursor.execute(
        f'CREATE OR REPLACE FUNCTION "{index.name}_forget"() RETURNS trigger LANGUAGE plpgsql AS '
        f'$$BEGIN DELETE FROM "{index.name}" WHERE id = OLD.id; '
        f"DELETE FROM \"{WAITING}\" WHERE index_name = '{index.name}' AND row_id = OLD.id;"
        " RETURN NULL; END$$"
    )
    columns = ", ".join(f'"{column}"' for column in index.columns)
    for event, when, condition, follow in (
        ("insert", "INSERT", f"WHEN ({index.has_text('NEW')})", "wait"),
        ("update", f"UPDATE OF {columns}", f"WHEN ({index.has_changed('OLD', 'NEW')})", "wait"),
        ("delete", "DELETE", "", "forget"),
    ):
        cursor.execute(
            f'CREATE TRIGGER "{index.trigger(event)}" AFTER {when} ON "{index.table}" '
            f'FOR EACH ROW {condition} EXECUTE FUNCTION "{index.name}_{follow}"()'
        )


def write(cursor: CursorWrapper, index: Index, rows: Sequence[Row]) -> None:
    """Put rows into the index, or out of it if they have no words, and off the waiting list."""
    full = [row for row in rows if row.pieces.words or row.pieces.runs]
    # Endings are known of languages that are written in these letters alone.
    stemmed = [" ".join(filter(_has_stem, row.pieces.words)) for row in full]
    stems = "".join(
        f"strip(to_tsvector('{language}', stemmed)) || " for language in index.languages
    )
    cursor.execute(
        f'WITH come AS (DELETE FROM "{WAITING}" WHERE index_name = %s AND row_id = ANY(%s)), '
        f'empty AS (DELETE FROM "{index.name}" WHERE id = ANY(%s)) '
        f'INSERT INTO "{index.name}" (id, words) SELECT id, {stems}plain::tsvector '
        "FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS text (id, stemmed, plain) "
        "ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words",
        [
            index.name,
            [row.pk for row in rows],
            [row.pk for row in rows if not (row.pieces.words or row.pieces.runs)],
            [row.pk for row in full],
            stemmed,
            [_vector(row) for row in full],
        ],
    )


def _vector(row: Row) -> str:
    """Return a `tsvector` as text; no piece has a quote in it."""
    lexemes = [f"'{word}'" for word in set(row.pieces.words)]
    every = [pair for run in row.pieces.runs for pair in pairs(run)]
    return " ".join(lexemes + [f"'{pair}':{place}" for place, pair in enumerate(every, 1)])


def found(index: Index, sought: Sequence[Sought]) -> tuple[str, list[str]]:
    """Return the query for the ids of rows that hold all that is sought."""
    terms, params = [], []
    for piece in sought:
        ways = ["%s::tsquery"]
        params.append(_query(piece))
        if not piece.is_run and _has_stem(piece.text):
            # A stop word of one language is a word of the other.
            ways += [f"plainto_tsquery('{language}', %s)" for language in index.languages]
            params += [piece.text] * len(index.languages)
        terms.append(f"({' || '.join(ways)})")
    return f'SELECT id FROM "{index.name}" WHERE words @@ ({" && ".join(terms)})', params


def _query(piece: Sought) -> str:
    if piece.is_run and len(piece.text) > 1:
        return " <-> ".join(f"'{pair}'" for pair in pairs(piece.text)[:-1])
    return f"'{piece.text}':*" if piece.is_beginning else f"'{piece.text}'"


def _has_stem(word: str) -> bool:
    return word.isascii() and word.isalpha()
