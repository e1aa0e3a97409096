"""What a kind of thing puts into a copy of a user's data."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from accounts.models import User


@dataclass(frozen=True)
class Rows:
    """`<name>.json`: a list of plain values, read one by one while it is written."""

    name: str
    rows: Iterable[Mapping[str, object]]


@dataclass(frozen=True)
class Media:
    """A stored file, under `name` in the folder; left out if it is gone meanwhile."""

    name: str
    stored: str  # Its name in `default_storage`.


@dataclass(frozen=True)
class Export:
    """One folder of the copy: rows as JSON, and the files that belong to them."""

    folder: str
    collect: Callable[[User], Iterable[Rows | Media]]
