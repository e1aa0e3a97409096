"""The addresses that browsers, crawlers and password managers ask for by themselves."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

_DAY_S = 86400
_CLOSED = (
    *("/account/", "/api/", "/search", "/i18n/", "/jsi18n/"),
    *("/fleets/", "/alerts/", "/bookmarks/", "/messages/", "/settings/"),
    *("/report/", "/decisions/", "/spaces/new/"),
    # The page alone: a calendar program that heeds this file must get at a user's own feed below.
    "/spaces/calendar/$",
)


@require_safe
@cache_control(public=True, max_age=_DAY_S)
def favicon(request: HttpRequest) -> HttpResponse:
    """Pages name their icon; this is for what is not a page, such as the API's answers."""
    return HttpResponseRedirect(static("img/mark.svg"))


@require_safe
@cache_control(public=True, max_age=_DAY_S)
def robots(request: HttpRequest) -> HttpResponse:
    """Public pages may be found; machines have no business in the API, the log-in and people's own
    pages.

    Everybody reads this file, so it names no secret address: the admin's and those in letters are
    kept out of search engines by `X-Robots-Tag` instead.
    """
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED)]
    lines += ["", f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain")


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers send people to change theirs (the W3C's "well-known URL for changing
    passwords").
    """
    return HttpResponseRedirect(reverse("account_change_password"))
