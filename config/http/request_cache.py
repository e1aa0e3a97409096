"""What one page needs in several places is asked of the database once: kept for the time of one
request.

Outside a request (tasks, sockets, tests of services) nothing is kept, so nothing can be stale.
"""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

Value = TypeVar("Value")

# Any: whatever the builders return.
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("request_cache", default=None)


def once(key: Hashable, build: Callable[[], Value]) -> Value:
    """Return `build()`, or what it returned for this key earlier in this request."""
    kept = _kept.get()
    if kept is None:
        return build()
    if key not in kept:
        kept[key] = build()
    value: Value = kept[key]
    return value


def forget(key: Hashable) -> None:
    """Let the next `once` of this request build anew; nothing happens if nothing is kept."""
    kept = _kept.get()
    if kept is not None:
        kept.pop(key, None)


class RequestCacheMiddleware:
    """Only reading requests keep anything: one that writes must see what it wrote."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _kept.set({} if request.method in {"GET", "HEAD"} else None)
        try:
            return self.get_response(request)
        finally:
            _kept.reset(token)
