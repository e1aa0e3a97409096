"""The registry of things that alerts and reports are about.

posts and spaces register their kind in AppConfig.ready(), so that alerts and reports stay here and
import neither:

    targets.register("post", describe_posts)

A resolver is called once a page with all ids of its kind and leaves out what is gone or hidden from
the viewer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.models import User


@dataclass(frozen=True)
class Description:
    """Where the thing is and a line about it, for the viewer it was made for."""

    url: str
    text: str


Resolver = Callable[[set[int], User], dict[int, Description]]

_registry: dict[str, Resolver] = {}


def register(kind: str, describe: Resolver) -> None:
    _registry[kind] = describe


def kinds() -> list[str]:
    return sorted(_registry)


def describe(things: Iterable[tuple[str, int]], viewer: User) -> dict[tuple[str, int], Description]:
    """Return what is known of each (kind, id); one resolver call for each kind."""
    ids: dict[str, set[int]] = {}
    for kind, pk in things:
        ids.setdefault(kind, set()).add(pk)
    found: dict[tuple[str, int], Description] = {}
    for kind, wanted in ids.items():
        resolve = _registry.get(kind)
        described = resolve(wanted, viewer) if resolve else {}
        found.update({(kind, pk): description for pk, description in described.items()})
    return found
