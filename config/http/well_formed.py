"""What a request is made of, read so that everything behind can hold it.

NUL is the one character that no database takes, and any part of a request can carry it. It is read
as what it is to a reader: nothing of an address, and a blank in words (as `config.text` has it).
"""

import codecs
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

READING = {"GET", "HEAD", "OPTIONS", "TRACE"}
_CHARSETS = {"utf-8", "ascii"}


class WellFormedMiddleware:
    """The first of all: the others already read addresses, cookies and fields."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # U+FFFD is in no address, so the answer is a plain "not found".
        request.path = request.path.replace("\0", "\ufffd")
        request.path_info = request.path_info.replace("\0", "\ufffd")
        request.META["PATH_INFO"] = request.path_info
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "+")
        if "HTTP_COOKIE" in request.META:
            # `\000` is how a quoted cookie writes it (RFC 2109).
            request.META["HTTP_COOKIE"] = request.META["HTTP_COOKIE"].replace("\\000", "")
        if "HTTP_AUTHORIZATION" in request.META:
            # Tokens are ASCII; knox reads them as UTF-8, which the bytes of a header need not be.
            request.META["HTTP_AUTHORIZATION"] = (
                request.META["HTTP_AUTHORIZATION"].encode("ascii", "replace").decode()
            )
        # Django would read the query, too, in whatever the header names, be it "hex" or "rot13".
        request.encoding = settings.DEFAULT_CHARSET
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> None:
        """Read the form. Raises BadRequest for one that is not in UTF-8.

        Here and not above: only now is there a session for the page that says so.
        """
        if request.method in READING:
            return
        if not _is_utf8(request.content_params or {}):
            raise BadRequest("Another charset.")
        # The API reads its bodies by `config.rest.parsers`; for a page the check against forgery
        # reads the form before the view in any case.
        if not getattr(view, "csrf_exempt", False) and request.POST:
            request.POST = without_nul(request.POST)  # type: ignore[assignment]  # It has a setter.


def without_nul(form: QueryDict) -> QueryDict:
    """Return `form` with blanks for NUL."""
    if not any("\0" in value for values in form.lists() for value in values[1]):
        return form
    cleaned = form.copy()
    for name, values in form.lists():
        cleaned.setlist(name, [value.replace("\0", " ") for value in values])
    return cleaned


def _is_utf8(params: dict[str, str]) -> bool:
    """False for a body in another charset; a name that nobody knows is passed over, as Django
    does.
    """
    try:
        return codecs.lookup(params.get("charset", "utf-8")).name in _CHARSETS
    except LookupError:
        return True
