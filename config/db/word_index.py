"""What is searched as one text, and what an index holds of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from django.db.backends.utils import CursorWrapper

from config.db.folding import Pieces

# Counted up when `folding` cuts or folds otherwise: the next `migrate` has every row read anew.
VERSION = 1
# Rows that are not in their index yet. Triggers put them here, whoever writes, in whatever way.
WAITING = "full_text_waiting"


@dataclass(frozen=True)
class Index:
    """Columns of one table that are searched as one text. Names of ours only: they go into SQL as
    they are.

    `languages`: those whose word endings are known, in PostgreSQL's names. `by_beginnings`: every
    word may be the beginning of a longer one, as people type names; else only the last one may.
    Not with languages: SQLite takes the ending off a beginning, too, and "may" is "mai" to it.
    `part` tells two indexes of one table apart.
    """

    table: str
    columns: tuple[str, ...]
    languages: tuple[str, ...] = ("english", "indonesian")
    by_beginnings: bool = False
    part: str = ""

    @property
    def name(self) -> str:
        """The table of the index; its `id`, or `rowid`, is that of the row."""
        return f"{self.table}_{self.part}words"

    def trigger(self, event: str) -> str:
        return f"{self.name}_{VERSION}_{event}"

    def has_changed(self, old: str, new: str) -> str:
        """Return the SQL that compares two versions of a row."""
        differs = (f'{old}."{column}" <> {new}."{column}"' for column in self.columns)
        return " OR ".join(differs)

    def has_text(self, row: str) -> str:
        return " OR ".join(f"{row}.\"{column}\" <> ''" for column in self.columns)


EVENTS = ("insert", "update", "delete")


class Row(NamedTuple):
    """A row of the table and what its text consists of."""

    pk: int
    pieces: Pieces


class Sought(NamedTuple):
    """One word or run of a query."""

    text: str
    is_run: bool
    is_beginning: bool


class Server(Protocol):
    """What differs between databases: `word_index_postgres` and `word_index_sqlite` have it."""

    # How `SELECT` keeps others from writing the rows until the transaction ends.
    LOCKING: str

    def is_built(self, cursor: CursorWrapper, index: Index) -> bool: ...

    def build(self, cursor: CursorWrapper, index: Index) -> None: ...

    def write(self, cursor: CursorWrapper, index: Index, rows: Sequence[Row]) -> None: ...

    def found(self, index: Index, sought: Sequence[Sought]) -> tuple[str, list[str]]: ...
