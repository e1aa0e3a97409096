"""What views share: who asks, whether htmx does, and small answers to it and to our scripts."""

import json
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User

Response = TypeVar("Response", bound=HttpResponseBase)


def with_toast(response: Response, text: str) -> Response:
    """Let the page say `text` when this answer to htmx arrives."""
    return _trigger(response, "toast", {"text": text})


def with_visit(response: Response, path: str) -> Response:
    """Let the page go to `path`, by a boosted visit that keeps a room playing."""
    return _trigger(response, "visit", {"path": path})


def _trigger(response: Response, name: str, detail: dict[str, str]) -> Response:
    # An answer may carry several events; the header is one object of them.
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps(events | {name: detail})
    return response


def is_fragment(request: HttpRequest) -> bool:
    """True if htmx wants a piece of a page; a boosted visit wants the whole page."""
    headers = request.headers
    is_boosted = headers.get("HX-Boosted") == "true"
    # "Back" to a page that htmx has no copy of any more.
    is_restored = headers.get("HX-History-Restore-Request") == "true"
    return headers.get("HX-Request") == "true" and not is_boosted and not is_restored


def viewer_of(request: HttpRequest) -> User | None:
    """Return the viewer, or None for a visitor."""
    return request.user if isinstance(request.user, User) else None


def me(request: HttpRequest) -> User:
    """Return the viewer, for views behind `login_required`."""
    if not isinstance(request.user, User):
        raise TypeError("The view lacks login_required.")
    return request.user


def back_to(request: HttpRequest, default: str) -> str:
    """Return the page of this site that a form was sent from, else `default`.

    For answers without JavaScript.
    """
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure()):
        return referer
    return default


def refused(status: int, code: str, message: str) -> JsonResponse:
    """Tell a script of ours why not: it shows `message` and decides by `code`."""
    return JsonResponse({"code": code, "message": message}, status=status)


def empty() -> HttpResponse:
    return HttpResponse("")
