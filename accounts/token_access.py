"""API tokens outside the API: they read pictures and sounds, and open no page."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
SAFE = ("GET", "HEAD")


def readable_with_token(view: View) -> View:
    """Mark a view of a file that the API names by its address; the outermost decorator."""
    view.is_readable_with_token = True  # type: ignore[attr-defined]  # Kept with what it is about.
    return view


def is_open(request: HttpRequest) -> bool:
    """True for a request with a token for a file. The API reads its tokens itself."""
    if request.method not in SAFE or not _token_in(request):
        return False
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "is_readable_with_token", False)


def owner_of(request: HttpRequest) -> User | None:
    """Return whose token came with the request."""
    try:
        found = TokenAuthentication().authenticate(request)
    except AuthenticationFailed:
        return None
    return found[0] if found and isinstance(found[0], User) else None


def _token_in(request: HttpRequest) -> bool:
    return request.headers.get("Authorization", "").startswith("Token ")
