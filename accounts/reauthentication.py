"""A fresh log-in in front of what changes an account: a borrowed browser must not be enough.

It asks for all that a log-in asks for: the password, and the code of the second factor; or a
passkey, which logs in by itself (config/decisions/0034-fresh-log-in.md). How long it holds is
allauth's `ACCOUNT_REAUTHENTICATION_TIMEOUT`.
"""

import functools
import re
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import reauthentication
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
CONFIRM_ADDRESS = "account_email_verification_sent"

KEPT_KEY = "accounts_kept_words"  # Of the session.
KEPT_S = 900
KEPT_CHARS = 4000  # Of all fields together; more is not what these forms are for.
SECRET = re.compile(r"password|code|credential|csrf")


class ReauthenticationMiddleware:
    """Answers in the place of allauth, which would do what was posted right after the proof.

    Whoever leaves a form posted in a borrowed browser would have it done by its owner's password.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ReauthenticationRequired):
            return ask(request, request.get_full_path())
        return None


def required(view: View[P], back_to: str = "") -> View[P]:
    """Ask before the view is called. `back_to` names the page that follows, instead of its own."""

    @functools.wraps(view)
    def proved(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if reauthentication.is_reauthentication_required(request, app=""):
            return ask(request, reverse(back_to) if back_to else request.get_full_path())
        return view(request, *args, **kwargs)

    return proved


def required_to_post(view: View[P], back_to: str = "") -> View[P]:
    """The same where looking needs no proof."""
    strict = required(view, back_to)

    @functools.wraps(view)
    def proved(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        chosen = strict if request.method == "POST" else view
        return chosen(request, *args, **kwargs)

    return proved


def required_of_users(view: View[P]) -> View[P]:
    """The same for a page that people who sign up see, too, before their first log-in."""
    strict = required(view)

    @functools.wraps(view)
    def proved(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        chosen = strict if request.user.is_authenticated else view
        return chosen(request, *args, **kwargs)

    return proved


def ask(request: HttpRequest, then: str) -> HttpResponse:
    """Lead to the page that asks, and from there to `then`, where typed words stand again."""
    _keep(request)
    methods = get_adapter().get_reauthentication_methods(request.user)
    page = methods[0]["url"] if methods else reverse("account_login")
    return redirect(f"{page}?{urlencode({REDIRECT_FIELD_NAME: then})}")


def _keep(request: HttpRequest) -> None:
    """Keep what was typed, but for secrets; what was kept before is forgotten in any case."""
    request.session.pop(KEPT_KEY, None)
    # The code that was mailed is no secret of the account: this session holds it anyway.
    is_mailed = request.path == reverse(CONFIRM_ADDRESS)
    words = {
        name: str(value)
        for name, value in request.POST.items()
        if not SECRET.search(name) or (is_mailed and name == "code")
    }
    if words and sum(map(len, words.values())) <= KEPT_CHARS:
        request.session[KEPT_KEY] = {"path": request.path, "at": time.time(), "words": words}


def kept_words(request: HttpRequest) -> dict[str, str]:
    """Return by field what was typed on this page before it asked; only once."""
    kept = request.session.get(KEPT_KEY)
    if not kept or kept["path"] != request.path or request.method != "GET":
        return {}
    del request.session[KEPT_KEY]
    words: dict[str, str] = kept["words"]
    return words if time.time() - kept["at"] < KEPT_S else {}
