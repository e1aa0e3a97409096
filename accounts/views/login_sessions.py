"""End one login session of the viewer; allauth lists them, and ends all others at once."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.views.responses import me


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a login elsewhere; `accounts.realtime.session_watch` closes its sockets.

    The browser that asks has "Log out" for its own.
    """
    own = UserSession.objects.filter(user=me(request), pk=pk)
    for login in own.exclude(session_key=request.session.session_key):
        login.end()
        messages.success(request, _("That device is logged out."))
    return redirect("usersessions_list")
