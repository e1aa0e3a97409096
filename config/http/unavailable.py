"""The one answer to what cannot be done now and can be done later: 503, when to come back, and a
sentence, with what was typed.

People get a page; a form that was sent stands on it again with its words. Programs, htmx and our
scripts get `{code, message}` and change nothing on the page (static/js/shell.js says the sentence).
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.template import loader
from django.utils.functional import Promise

from config import missing_parts
from config.missing_parts import Unavailable

CODE = "unavailable"
NAMES = frozenset({"login", "email", "username", "title", "display_name"})  # Words of one line.
log = logging.getLogger(__name__)


def answer_to(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """Return the 503 for an error that says that a part is missing; None for every other one."""
    if isinstance(error, Unavailable):
        return answer(request, error.message, error.retry_after_s)
    missing = missing_parts.of(error)
    if missing is None:
        return None
    log.warning("%s %s: %s is missing: %r", request.method, request.path, missing.part, error)
    return answer(request, missing.message, missing.retry_after_s)


def answer(request: HttpRequest, message: str | Promise, retry_after_s: int) -> HttpResponse:
    """Return a 503 in the form that the client can use.

    Asks nothing of database, Redis and session: whatever is missing may be what they need.
    """
    response: HttpResponse
    if _is_for_program(request):
        response = JsonResponse({"code": CODE, "message": str(message)}, status=503)
    else:
        context = {
            "message": message,
            "address": request.get_full_path(),
            "fields": list(_kept(request)) if request.method == "POST" else [],
            "had_files": request.method == "POST" and _had_files(request),
        }
        response = HttpResponse(loader.render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(retry_after_s)
    response["Cache-Control"] = "no-store"
    return response


def _is_for_program(request: HttpRequest) -> bool:
    """False for a browser that will show the answer as a page."""
    headers = request.headers
    return (
        request.path.startswith("/api/")
        or headers.get("HX-Request") == "true"
        # A request of a script (Fetch Metadata, W3C).
        or headers.get("Sec-Fetch-Dest") == "empty"
        or "application/json" in headers.get("Accept", "")
    )


@dataclass(frozen=True)
class KeptField:
    """One field of the form that was sent. `kind` is how it stands on the page."""

    name: str
    value: str
    kind: Literal["words", "name", "password", "hidden"]


def _kept(request: HttpRequest) -> Iterator[KeptField]:
    """Yield what was sent. Nothing if it could not even be read.

    Which fields a person has filled in is not known here: what reads like words is shown.
    """
    try:
        form = request.POST
    except (OSError, UnreadablePostError, BadRequest, SuspiciousOperation):
        return
    for name, values in form.lists():
        for value in map(str, values):
            if "password" in name:  # Never sent back: the page may be kept, or looked at.
                yield KeptField(name, "", "password")
            elif name in NAMES:
                yield KeptField(name, value, "name")
            elif name == "text" or any(character.isspace() for character in value):
                yield KeptField(name, value, "words")
            else:
                yield KeptField(name, value, "hidden")


def _had_files(request: HttpRequest) -> bool:
    return (request.content_type or "").startswith("multipart/") and any(
        file.size for file in getattr(request, "_files", {}).values()
    )


class UnavailableMiddleware:
    """Turns the errors of views into that answer; `config.views.errors.server_error` those of other
    middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_to(request, exception)
