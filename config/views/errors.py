"""When something is wrong: the site's own pages for people, `{code, message}` for programs."""

import sys

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.template import loader
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.http import unavailable

API = "/api/"
MESSAGES: dict[int, tuple[str, Promise]] = {
    400: ("bad_request", _("This request cannot be understood.")),
    403: ("not_allowed", _("You may not do that.")),
    404: ("not_found", _("There is nothing here.")),
    500: ("server_error", _("Something went wrong on our side.")),
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: most often a page that was open since before a log-in."""
    return HttpResponse(loader.render_to_string("403_csrf.html", request=request), status=403)


def unreadable(path: str) -> HttpResponse:
    """Answer to headers of which not even a request can be made."""
    return _problem(400) if path.startswith(API) else HttpResponseBadRequest()


def server_error(request: HttpRequest) -> HttpResponse:
    """Render without a context: whatever failed may be what the context asks.

    Django calls this while it handles the error. That of a view never comes so far if a part is
    missing; a log-in that cannot be read fails between the views and here.
    """
    error = sys.exc_info()[1]
    missing = unavailable.answer_to(request, error) if error else None
    if missing is not None:
        return missing
    if request.path.startswith(API):
        return _problem(500)
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith(API):
        return _problem(status)
    return HttpResponse(loader.render_to_string(f"{status}.html", request=request), status=status)


def _problem(status: int) -> JsonResponse:
    code, message = MESSAGES[status]
    return JsonResponse({"code": code, "message": str(message)}, status=status)
