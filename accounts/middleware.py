"""What each request knows of its viewer: their time zone and language, and that they still may be
here.
"""

import zoneinfo
from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_supported_language_variant
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import User

SAFE = ("GET", "HEAD")


class ViewerMiddleware:
    """Shows times in the viewer's zone and words in the viewer's language; ends the log-in of a
    suspended account.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The log-in backend already refuses inactive people at each request (get_user returns
        # None); what is left of such a session is its row and its cookie, which end here.
        if not request.user.is_authenticated and "_auth_user_id" in request.session:
            logout(request)
        if (
            request.method in SAFE
            and not request.user.is_authenticated
            and not request.path.startswith("/api/")
        ):
            request.user = _owner_of_token(request) or request.user
        viewer = request.user if isinstance(request.user, User) else None
        language = _language(viewer)
        with timezone.override(_zone(viewer)):
            if language:
                translation.activate(language)
                request.LANGUAGE_CODE = language
            return _keep_private(self.get_response(request))


def _owner_of_token(request: HttpRequest) -> User | None:
    """Return whose API token came with the request: pictures and sounds of posts have addresses
    outside the API.

    For reading only: a form needs a cookie and its CSRF token.
    """
    if not request.headers.get("Authorization", "").startswith("Token "):
        return None
    try:
        found = TokenAuthentication().authenticate(request)
    except AuthenticationFailed:
        return None
    return found[0] if found and isinstance(found[0], User) else None


def _zone(viewer: User | None) -> zoneinfo.ZoneInfo | None:
    """Return the viewer's zone; None, the server's, for visitors and for a zone this machine does
    not know.
    """
    if viewer is None:
        return None
    try:
        return zoneinfo.ZoneInfo(viewer.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


def _language(viewer: User | None) -> str:
    if viewer is None or not viewer.language:
        return ""
    try:
        return get_supported_language_variant(viewer.language)
    except LookupError:
        return ""


def _keep_private(response: HttpResponse) -> HttpResponse:
    """Keep pages out of shared caches, and a fragment for htmx from standing in for the page of the
    same address.
    """
    if response.headers.get("Content-Type", "").startswith("text/html"):
        patch_vary_headers(response, ["HX-Request", "HX-Boosted", "Cookie"])
        if "Cache-Control" not in response.headers:
            patch_cache_control(response, private=True, no_cache=True)
    return response
