"""Spaces for calendar programs: one, a host's, one's own; and the page that gives and takes back
the secret address.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.views.responses import me, viewer_of
from config.http.rate_limits import limited
from spaces.services import calendar
from spaces.views.access import find_space, get_host


@require_safe
@limited("feed")
def of_space(request: HttpRequest, public_id: str) -> HttpResponse:
    space = find_space(public_id, viewer_of(request))
    if space is None or (space.scheduled_for is None and space.started_at is None):
        raise Http404("No such Space, or one without a time.")
    answer = _calendar(calendar.encode([space], _site(request), space.title))
    answer["Content-Disposition"] = f'attachment; filename="{public_id}.ics"'
    return answer


@require_safe
@limited("feed")
def of_host(request: HttpRequest, handle: str) -> HttpResponse:
    """The public feed of a host: what anybody may see."""
    host = get_host(handle)
    name = _("Spaces of %(name)s") % {"name": host.name}
    return _calendar(calendar.encode(calendar.spaces_hosted_by(host), _site(request), name))


@require_safe
@never_cache
@limited("feed")
def of_person(request: HttpRequest, secret: str) -> HttpResponse:
    """One's own feed. The address is the key: calendar programs do not log in."""
    owner = calendar.owner_of(secret)
    if owner is None:
        raise Http404("No such feed.")
    return _calendar(calendar.encode(calendar.spaces_of(owner), _site(request), _("My Spaces")))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """GET shows the address, POST gives another one (`do` = renew) or none (`do` = close)."""
    person = me(request)
    if request.method == "POST":
        return _change(request, person)
    secret = calendar.secret_of(person)
    feed = (
        request.build_absolute_uri(reverse("spaces:my_calendar", args=[secret])) if secret else ""
    )
    host = request.build_absolute_uri(reverse("spaces:host_calendar", args=[person.handle]))
    return render(request, "spaces/calendar.html", {"feed": feed, "host_feed": host})


def _change(request: HttpRequest, person: User) -> HttpResponse:
    if request.POST.get("do") == "close":
        calendar.close(person)
        messages.success(request, _("The feed is closed. Its address leads nowhere now."))
    else:
        calendar.renew(person)
        messages.success(request, _("Here is your address. An older one leads nowhere now."))
    return redirect("spaces:calendar")


def _calendar(body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")


def _site(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"
