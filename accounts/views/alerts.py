"""The Alerts page. Opening it marks everything read."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models.user import not_away
from accounts.notifications import notify
from accounts.views.responses import is_fragment, me
from config.cursors import parse_id
from config.db import best_effort


@require_safe
@login_required
def alerts(request: HttpRequest) -> HttpResponse:
    viewer = me(request)
    alerts_of_page, next_before = notify.alerts_for(viewer, parse_id(request.GET.get("before", "")))
    context = {"alerts": alerts_of_page, "next": next_before}
    if is_fragment(request):
        return render(request, "accounts/_alerts_page.html", context)
    # After the rows were read, which therefore still show what is new. Not for a further page:
    # the first one has marked them all.
    best_effort.note(notify.mark_read, viewer)
    # As many as the page of requests shows.
    requests = viewer.follow_requests_received.filter(not_away("follower"))
    context["waiting"] = requests.count()
    return render(request, "accounts/alerts.html", context)
