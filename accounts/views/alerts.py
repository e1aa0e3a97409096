"""The Alerts page. Opening it marks everything read."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.notifications import notify
from accounts.views.responses import is_fragment, me


@require_safe
@login_required
def alerts(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    found, more = notify.alerts_for(
        me(request), int(before) if before.isdecimal() and len(before) < 19 else None
    )
    context = {"alerts": found, "next": more}
    if is_fragment(request):
        return render(request, "accounts/_alerts_page.html", context)
    notify.mark_read(me(request))
    context["waiting"] = (
        me(request).follow_requests_received.filter(follower__is_active=True).count()
    )
    return render(request, "accounts/alerts.html", context)
