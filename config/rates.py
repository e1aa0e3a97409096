"""How often one person, or one address, may do a thing. Sliding windows in Redis, shared by all web processes."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from limits import RateLimitItem, parse
from limits.storage import Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

P = ParamSpec("P")

RATES: dict[str, RateLimitItem] = {
    "post": parse("20 per minute"),  # Faster than anybody types; a day's flood is stopped by the next line.
    "post_day": parse("1000 per day"),
    "mark": parse("120 per minute"),  # Likes, reposts, bookmarks.
    "follow": parse("60 per minute"),  # Follow, mute, block.
    "space": parse("30 per hour"),  # Each may tell all followers.
    "message": parse("60 per minute"),
    "report": parse("20 per minute"),
    "search": parse("60 per minute"),
    "token": parse("10 per minute"),  # API log-in, by address and by handle.
}


@functools.cache
def _limiter(url: str) -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(_storage(url))


def _storage(url: str) -> Storage:
    """`limits` names a unix socket redis+unix; tests without a server count in memory."""
    if settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        return _synchronous("memory://")
    return _synchronous(url.replace("unix://", "redis+unix://", 1))


def _synchronous(url: str) -> Storage:
    storage = storage_from_string(url)
    if not isinstance(storage, Storage):
        raise TypeError("The rate limits need a synchronous storage.")
    return storage


def hit(name: str, who: str) -> bool:
    """Count one more `name` by `who`; False if that is too often."""
    return _limiter(settings.REDIS_URL).hit(RATES[name], name, who)


def reset() -> None:
    """Forget every count; for tests."""
    _limiter(settings.REDIS_URL).storage.reset()


def who_asks(request: HttpRequest) -> str:
    """Name the account, or the address of a visitor."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"ip:{address_of(request)}"


def address_of(request: HttpRequest) -> str:
    """Return the client's address. With N trusted proxies it is the Nth from the right of X-Forwarded-For."""
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def limited(*names: str) -> Callable[[View[P]], View[P]]:
    """Answer 429 instead of calling the view when the viewer is over one of the rates."""

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def counted(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not all(hit(name, who_asks(request)) for name in names):
                return render(request, "429.html", status=429)
            return view(request, *args, **kwargs)

        return counted

    return decorate
