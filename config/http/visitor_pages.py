"""What visitors without an account ask for: counted by their network, and pages that many look at
made once for all of them for a few seconds.
"""

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from config.http import rate_limits
from config.http.server_time import now_ms

# Whatever stands in none of these is a page, so a new address is counted without a word.
FILES = frozenset(
    {
        *("manifest", "service_worker", "jsi18n", "offline"),
        *("posts:image", "posts:voice_file", "posts:fleet_picture", "spaces:replay_file"),
        *("spaces:replay_audio", "spaces:clip_file"),
    }
)
# Asked by load balancers and monitors, for which there is no "too often".
MONITORS = frozenset({"healthz", "readyz", "metrics"})
# Pieces that pages ask for by themselves; a whole class may be behind one address.
PARTS = frozenset(
    {
        *("posts:part", "posts:poll", "posts:voice_player", "spaces:card"),
        *("spaces:clip_progress", "spaces:replay_progress"),
    }
)
# The same for all visitors of a language. A room is not: it is live.
CACHED = frozenset(
    {
        *("posts:home", "posts:explore", "posts:tag", "posts:post", "spaces:index"),
        *("accounts:profile", "accounts:profile_tab"),
        *("accounts:followers", "accounts:following"),
    }
)
BODY_BYTES = 1024 * 1024
# A page that says more than this is for one visitor, or not what is expected here.
HEADERS = {"content-type", "vary"}
SHAPES = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request")  # Page or piece of one.
_SERVER_TIME = re.compile(rb'<meta name="server-time" content="\d+">')  # templates/base.html


class VisitorPagesMiddleware:
    """Behind whatever finds out who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        key = getattr(request, "visitor_key", "")
        if key and _is_for_all(request, response):
            with suppress(RedisError):
                found = {"type": response["Content-Type"], "body": response.content.decode()}
                cache.set(key, found, settings.VISITOR_CACHE_S)
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.method not in {"GET", "HEAD"} or _is_known(request):
            return None
        # Without Redis nothing is counted, and pages can still be read.
        with suppress(RedisError):
            rate, who = rate_of(request, name), rate_limits.where_from(request)
            if rate and not rate_limits.hit(rate, who):
                return rate_limits.refusal(request, rate, who)
            return _kept(request, name)
        return None


def rate_of(request: HttpRequest, name: str) -> str:
    """Return what a visitor's request counts as, of `rate_limits.RATES`; "" for nothing."""
    if name in FILES or name in MONITORS or request.path.startswith(settings.MEDIA_URL):
        return ""
    if name in PARTS:
        return "part"
    # Further pages are looked at by who reads on, and by programs that read everything.
    is_deep = name == "sitemap" or "after" in request.GET or "cursor" in request.GET
    return "deep" if is_deep else "page"


def _is_known(request: HttpRequest) -> bool:
    """True for an account; also for a token, which the API looks at itself and refuses if it is
    none. Elsewhere a header that anybody can send is no account.
    """
    return request.user.is_authenticated or rate_limits.has_token(request)


def _kept(request: HttpRequest, name: str) -> HttpResponse | None:
    """Return the page that another visitor was shown; if there is none, note where to keep it."""
    is_plain = request.method == "GET" and name in CACHED and settings.VISITOR_CACHE_S
    # What a log-in or an answer has left behind may be told on the page.
    if not is_plain or {settings.SESSION_COOKIE_NAME, "messages"} & request.COOKIES.keys():
        return None
    shape = [request.headers.get(name, "") for name in SHAPES]
    address = request.build_absolute_uri()
    parts = [address, getattr(request, "LANGUAGE_CODE", ""), *shape]
    key = f"visitor_page:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"
    found = cache.get(key)
    if found is None:
        request.visitor_key = key  # type: ignore[attr-defined]  # Ours.
        return None
    now = b'<meta name="server-time" content="%d">' % now_ms()
    return HttpResponse(_SERVER_TIME.sub(now, found["body"].encode()), content_type=found["type"])


def _is_for_all(request: HttpRequest, response: HttpResponse) -> bool:
    """False for what holds something of one visitor: a cookie, a token of a form, a nonce."""
    is_ours = not response.cookies and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
    return (
        is_ours
        and response.status_code == 200
        and not response.streaming
        and {name.lower() for name in response.headers} <= HEADERS
        and not getattr(request, "_csp_nonce", None)
        and b"csrfmiddlewaretoken" not in response.content
        and len(response.content) <= BODY_BYTES
    )
