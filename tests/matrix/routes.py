"""Every route of the site, from Django's resolver: a new one is in the list by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True, order=True)
class Route:
    """`name` is what `reverse` takes; without one, the pattern.

    `methods` are known of API views alone.
    """

    name: str
    methods: tuple[str, ...]


def routes() -> list[Route]:
    return sorted(set(_walk(get_resolver().url_patterns, "", "")))


def paths() -> Iterator[str]:
    """Yield the address of every route as it is written in `urls.py`, parameters too."""
    waiting: list[tuple[str, URLPattern | URLResolver]]
    waiting = [("", entry) for entry in get_resolver().url_patterns]
    while waiting:
        before, entry = waiting.pop()
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            waiting += [(path, inner) for inner in entry.url_patterns]
        else:
            yield path


def _walk(patterns: list[URLPattern | URLResolver], path: str, space: str) -> Iterator[Route]:
    for pattern in patterns:
        where = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, where, inner)
        else:
            yield Route(
                f"{space}{pattern.name}" if pattern.name else where, _methods(pattern.callback)
            )


def _methods(view: object) -> tuple[str, ...]:
    """Return the verbs of an API view; () for a page, whose rows say theirs."""
    actions = getattr(view, "actions", None)
    if actions:
        # The framework adds it when the view is first asked.
        return tuple(sorted(set(actions) - {"head"}))
    cls = getattr(view, "cls", None)
    if cls is None:
        return ()
    verbs = {"get", "post", "put", "patch", "delete"} & set(cls.http_method_names)
    return tuple(sorted(verb for verb in verbs if hasattr(cls, verb)))
