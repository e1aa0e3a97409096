"""Spaces for calendar programs: one, a host's, one's own.

And the page that gives and takes back the secret address.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.locale import in_locale_of
from accounts.views.responses import me, viewer_of
from config.http.rate_limits import limited
from config.http.search_engines import kept_from_search
from spaces.models import Space
from spaces.services import calendar
from spaces.views.access import find_space, get_host


@require_safe
@limited("feed")
def space_calendar(request: HttpRequest, public_id: str) -> HttpResponse:
    space = find_space(public_id, viewer_of(request))
    if space is None or (space.scheduled_for is None and space.started_at is None):
        raise Http404("No such Space, or one without a time.")
    response = _calendar_of(request, [space], space.title)
    # A single event is opened once; feeds are subscribed to and stay inline.
    response["Content-Disposition"] = f'attachment; filename="{public_id}.ics"'
    return response


@require_safe
@limited("feed")
def host_calendar(request: HttpRequest, handle: str) -> HttpResponse:
    """The public feed of a host: what a visitor may see."""
    host = get_host(handle)
    with in_locale_of(host):  # Subscribers' programs ask in any language or in none.
        name = _("Spaces of %(name)s") % {"name": host.name}
        return _calendar_of(request, calendar.spaces_hosted_by(host), name)


# A feed whose address was taken back must not live on in a cache.
@require_safe
@never_cache
@kept_from_search
@limited("feed")
def personal_calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """One's own feed. The address is the key: calendar programs do not log in."""
    owner = calendar.owner_of(secret)
    if owner is None:
        raise Http404("No such feed.")
    with in_locale_of(owner):
        return _calendar_of(request, calendar.spaces_of(owner), _("My Spaces"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """GET shows the address, POST gives another one (`do` = renew) or none (`do` = close)."""
    user = me(request)
    if request.method == "POST":
        if request.POST.get("do") == "close":
            calendar.close(user)
            messages.success(request, _("The feed is closed. Its address leads nowhere now."))
        else:
            calendar.renew(user)
            messages.success(request, _("Here is your address. An older one leads nowhere now."))
        return redirect("spaces:calendar")
    host_feed = reverse("spaces:host_calendar", args=[user.handle])
    context = {"feed": "", "host_feed": request.build_absolute_uri(host_feed)}
    secret = calendar.secret_of(user)
    if secret:
        feed = reverse("spaces:my_calendar", args=[secret])
        context["feed"] = request.build_absolute_uri(feed)
    return render(request, "spaces/calendar.html", context)


def _calendar_of(request: HttpRequest, spaces: list[Space], name: str) -> HttpResponse:
    site = f"{request.scheme}://{request.get_host()}"
    body = calendar.encode(spaces, site, name)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")
