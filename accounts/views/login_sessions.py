"""Where the viewer is logged in: browsers, which allauth lists, and programs with a token."""

from typing import Any

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import reauthentication
from accounts.services import api_tokens
from accounts.views.responses import me


class LogInsView(ListUserSessionsView):  # type: ignore[misc]  # allauth has no types.
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # Any: Django's.
        tokens = api_tokens.living(me(self.request))
        return {**super().get_context_data(**kwargs), "tokens": tokens}

    def form_valid(self, form: Form) -> HttpResponse:
        """End all other log-ins, those of programs too."""
        api_tokens.end_all(me(self.request))
        answer: HttpResponse = super().form_valid(form)
        return answer


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


@require_POST
@login_required
def end_token(request: HttpRequest, name: str) -> HttpResponseBase:
    """Behind a fresh log-in, as all that makes and ends tokens."""
    return reauthentication.required(_end_token, back_to="usersessions_list")(request, name)


def _end_token(request: HttpRequest, name: str) -> HttpResponse:
    if api_tokens.end(me(request), name):
        messages.success(request, _("That program is logged out."))
    return redirect("usersessions_list")
