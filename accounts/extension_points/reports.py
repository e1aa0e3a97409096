"""The registry of what staff can do about the kinds of things that are reported, and what is kept
as evidence.

posts and spaces bring theirs in AppConfig.ready(), so that reports and their queue stay here and
import neither:

    cases.register("post", Case(owner=author_of, evidence=evidence_of, deeds={Decision.Action.REMOVE: remove}))
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db.models.fields.files import FieldFile

from accounts.models import Decision, User


@dataclass(frozen=True)
class Evidence:
    """What a thing was when it was reported: facts as plain JSON, and pictures that are copied."""

    facts: Mapping[str, object] = field(default_factory=dict)
    files: tuple[FieldFile, ...] = ()


@dataclass(frozen=True)
class Case:
    """`owner` is whom a decision concerns, None if the thing is gone; then a deed raises
    LookupError too.
    """

    owner: Callable[[int], User | None]
    evidence: Callable[[int], Evidence]
    deeds: Mapping[Decision.Action, Callable[[int, User], None]] = field(default_factory=dict)


_registry: dict[str, Case] = {}
NOTHING = Case(owner=lambda pk: None, evidence=lambda pk: Evidence())


def register(kind: str, case: Case) -> None:
    _registry[kind] = case


def of(kind: str) -> Case:
    """Return the case of a kind; one in which nothing can be done for a kind that nobody knows (any
    more).
    """
    return _registry.get(kind, NOTHING)


def kinds() -> list[str]:
    return sorted(_registry)
