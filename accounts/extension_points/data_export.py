"""The registry of what is in a copy of somebody's data. posts and spaces bring theirs in
AppConfig.ready():

    exports.register("posts", posts_of)

A collector yields the files of one folder: rows as JSON, and the files that belong to them.
"""

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
    stored: str


Collector = Callable[[User], Iterable[Rows | Media]]

_registry: dict[str, Collector] = {}


def register(folder: str, collect: Collector) -> None:
    _registry[folder] = collect


def collectors() -> Mapping[str, Collector]:
    return dict(_registry)
