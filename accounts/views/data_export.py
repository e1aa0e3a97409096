"""A copy of one's own data: ask for it, see how far it is, fetch it."""

from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import reauthentication
from accounts.services import data_export
from accounts.views.responses import is_fragment, me
from config.http.rate_limits import limited_posts
from config.limits import LIMITS
from config.rendering.durations import in_words

_DAY_S = 86400


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@reauthentication.required_to_post
@limited_posts("settings")
def index(request: HttpRequest) -> HttpResponse:
    """Show the page, or begin a copy.

    htmx gets the part that says how far it is; it asks every two seconds while a copy is made.
    """
    owner = me(request)
    if request.method == "POST":
        try:
            data_export.ask(owner)
        except data_export.TooSoonError:
            too_soon = _("One copy every %(time)s. The last one is not that old, or is being made.")
            messages.error(request, too_soon % {"time": in_words(LIMITS.export_every_s)})
        return redirect("accounts:export")
    newest = data_export.newest(owner)
    is_ready = newest is not None and newest.state == newest.State.READY
    # A new key each time: it opens the file for an hour.
    context = {
        "export": newest,
        "key": data_export.link_key(newest) if newest and is_ready else "",
        "may_ask": data_export.may_ask(owner),
        "days": LIMITS.export_life_s // _DAY_S,
    }
    template = "accounts/_export.html" if is_fragment(request) else "accounts/export.html"
    return render(request, template, context)


@require_safe
@login_required
@never_cache
def download(request: HttpRequest, key: str) -> HttpResponseBase:
    """Behind a fresh log-in, which leads back to the page with the button."""
    path = data_export.open_for(me(request), key)
    if path is None:
        raise Http404("Not this person's, too old, or gone.")
    return reauthentication.required(_send, back_to="accounts:export")(request, path)


def _send(request: HttpRequest, path: Path) -> FileResponse:
    name = f"parley-{me(request).handle}.zip"
    file = path.open("rb")  # FileResponse closes it.
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
