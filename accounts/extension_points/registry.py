"""The extensions of all apps, in the order of INSTALLED_APPS, and the kinds that they declare."""

from collections.abc import Iterable, Iterator

from django.core.exceptions import ImproperlyConfigured

from accounts.extension_points.extension import Extension
from accounts.extension_points.kinds import Description, ThingKind
from accounts.extension_points.profile_tabs import Tab
from accounts.models import User

# Filled while Django starts, then only read; no lock is needed.
_extensions: dict[str, Extension] = {}


def register(extension: Extension) -> None:
    """Add an app's extension, once. Raises ImproperlyConfigured for a name that is taken."""
    taken = {name for other in _extensions.values() for name in _names(other)}
    names = list(_names(extension))
    clashes = {name for name in names if name in taken or names.count(name) > 1}
    # Two kinds of one name would describe each other's rows: those name things by a word and an id.
    if clashes:
        raise ImproperlyConfigured(f"{extension.app} declares again: {sorted(clashes)}")
    _extensions[extension.app] = extension


def _names(extension: Extension) -> Iterator[str]:
    """Yield what must be unique among all apps."""
    yield f"app {extension.app}"
    for kind in extension.kinds:
        yield f"kind {kind.name}"
        if kind.export:
            yield f"export folder {kind.export.folder}"
    for tab in extension.profile_tabs:
        yield f"profile tab {tab.slug}"
    for name in extension.unread_counts:
        yield f"unread count {name}"
    for name in extension.page_messages:
        yield f"page message {name}"


def extensions() -> tuple[Extension, ...]:
    return tuple(_extensions.values())


def kinds() -> list[ThingKind]:
    return [kind for extension in _extensions.values() for kind in extension.kinds]


def find_kind(name: str) -> ThingKind | None:
    """Return the kind of this name; None for one in an old row that no app declares any more."""
    return next((kind for kind in kinds() if kind.name == name), None)


def reportable_kinds() -> list[str]:
    return sorted(kind.name for kind in kinds() if kind.moderation)


def profile_tabs() -> list[Tab]:
    """Return the tabs of all apps in their order on the page."""
    tabs = [tab for extension in _extensions.values() for tab in extension.profile_tabs]
    return sorted(tabs, key=lambda tab: tab.order)


def require_described(name: str) -> None:
    """Raise LookupError if no notification or decision can be about things of this kind."""
    kind = find_kind(name)
    if kind is None or kind.describe is None:
        raise LookupError(f"No app declares a kind {name!r} that can be described.")


def describe(things: Iterable[tuple[str, int]], viewer: User) -> dict[tuple[str, int], Description]:
    """Describe each (kind, id) that is there and visible to the viewer; one call for each kind."""
    ids: dict[str, set[int]] = {}
    for name, pk in things:
        ids.setdefault(name, set()).add(pk)
    found: dict[tuple[str, int], Description] = {}
    for name, wanted in ids.items():
        kind = find_kind(name)
        if kind is None or kind.describe is None:
            continue  # An old row, of a kind that no app declares any more.
        for pk, description in kind.describe(wanted, viewer).items():
            found[name, pk] = description
    return found
