"""What each request knows of its viewer: their time zone, language, and that they are active."""

from collections.abc import Callable
from contextlib import suppress

from django.contrib.auth import logout
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_supported_language_variant

from accounts import token_access
from accounts.locale import zone_of
from accounts.models import User
from accounts.services import staff_logins


class ViewerMiddleware:
    """Shows times in the viewer's zone and texts in their language.

    Ends the login session of a suspended user, and keeps pages out of shared caches.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The log-in backend already refuses inactive users at each request (get_user returns
        # None); what is left of such a login is its row and its cookie, which end here.
        if not request.user.is_authenticated and "_auth_user_id" in request.session:
            logout(request)
        if not request.user.is_authenticated and token_access.is_open(request):
            request.user = token_access.owner_of(request) or request.user
        elif isinstance(user := get_user(request), User):
            user.acts_as_staff = staff_logins.may_act_as_staff(user, request.session)
            # The row itself: a page looks at it thousands of times, and each look through Django's
            # proxy costs ten times as much.
            request.user = user
        viewer = request.user if isinstance(request.user, User) else None
        with timezone.override(zone_of(viewer.time_zone) if viewer else None):
            if viewer and viewer.language:
                with suppress(LookupError):  # A language that the site does not have any more.
                    language = get_supported_language_variant(viewer.language)
                    translation.activate(language)
                    request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # A fragment for htmx must not stand in for the page of the same address.
            patch_vary_headers(response, ["HX-Request", "HX-Boosted", "Cookie"])
            if "Cache-Control" not in response.headers:
                patch_cache_control(response, private=True, no_cache=True)
        return response
