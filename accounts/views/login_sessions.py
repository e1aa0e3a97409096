"""Where somebody is logged in: allauth lists it and ends all others; here one of them ends."""

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
    """End a log-in of mine elsewhere; its sockets follow by `consumers.login`.

    This one has "Log out" for that.
    """
    elsewhere = UserSession.objects.filter(user=me(request), pk=pk).exclude(
        session_key=request.session.session_key
    )
    for log_in in elsewhere:
        log_in.end()
        messages.success(request, _("That device is logged out."))
    return redirect("usersessions_list")
