"""How often one person, or one address, may do a thing. Windows in Redis, shared by all web
processes.

Pages and API ask here; sockets ask `spaces.consumers.rate_limits`, which counts by `ROOM_RATES` in
the same Redis.
"""

import functools
import ipaddress
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond, parse
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter

from config import redis_clients
from config.http import client_address
from config.limits import LIMITS

P = ParamSpec("P")
log = logging.getLogger(__name__)
TOO_OFTEN = _("That was too fast. Please wait a moment.")

RATES: dict[str, RateLimitItem] = {
    # By network. A demo is for a class, or for tests, behind one address; wrong passwords stay
    # limited (allauth).
    "log_in": parse("300 per minute" if settings.DEMO else "30 per minute"),
    "sign_up": parse("300 per hour" if settings.DEMO else "20 per hour"),
    # Faster than anybody types; a day's flood is stopped by the next line.
    "post": parse("20 per minute"),
    "post_day": parse("1000 per day"),
    "voice": parse("30 per minute"),  # Each keeps a worker busy for some seconds.
    # Forms with files: before the files are read, and each may keep a core busy for seconds.
    "upload": parse("30 per minute"),
    "mark": parse("120 per minute"),  # Likes, reposts, bookmarks.
    "follow": parse("60 per minute"),  # Follow, mute, block.
    "fleet": parse("20 per hour"),
    "settings": parse("30 per minute"),
    "clip": parse("20 per hour"),  # Each keeps a worker busy for seconds.
    "space": parse("30 per hour"),  # Each may tell all followers.
    "message": parse("60 per minute"),
    "share": parse("60 per hour"),  # Each goes to up to twenty people.
    "group": parse("60 per hour"),  # Making one, and adding people.
    "typing": parse("60 per minute"),
    "report": parse("20 per minute"),
    "search": parse("60 per minute"),
    "feed": parse("120 per minute"),  # Calendars, feed readers and pictures, by address.
    # Of visitors, by network: a class, or a whole house, may be behind one address.
    "page": parse("6000 per minute" if settings.DEMO else "600 per minute"),
    "deep": parse(
        "1200 per minute" if settings.DEMO else "120 per minute"
    ),  # Further pages of a list.
    "part": parse("3000 per minute"),  # What open pages ask for by themselves.
    "schema": parse("60 per minute"),  # Of the API; by address, as readers have no account.
    "token": parse("10 per minute"),  # API log-in, by network.
    # Wrong ones, by account, on pages and in the API together.
    "password": parse("5 per 5 minutes"),
    # The same of a second factor: a code has six digits and lives for a minute.
    "code": parse("5 per 5 minutes"),
    # What the site mails to whoever is typed in: by the address that gets it, by who asks, and
    # links to a new password by account, whichever of its addresses is typed.
    "letter": parse("10 per hour"),
    "letters": parse("600 per hour" if settings.DEMO else "60 per hour"),
    "reset": parse("10 per hour"),
}

# In a room, by person and room; each of a kind's windows counts. Asked by sockets and by the same
# commands over REST.
ROOM_RATES: Mapping[str, Sequence[RateLimitItem]] = {
    "request": (RateLimitItemPerMinute(LIMITS.requests_per_minute),),
    "join": (RateLimitItemPerMinute(LIMITS.joins_per_minute),),
    # Of an address: a class or a whole house may be behind one, a machine that hammers is faster
    # still.
    "visit": (RateLimitItemPerMinute(LIMITS.visits_per_minute),),
    "reaction": (
        RateLimitItemPerSecond(1, max(1, LIMITS.reaction_every_ms // 1000)),
        RateLimitItemPerMinute(LIMITS.reactions_per_minute),
    ),
}


@functools.cache
def _limiter(url: str) -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(_storage(url))


def _storage(url: str) -> Storage:
    """`limits` names a unix socket redis+unix; tests without a server count in memory."""
    if str(settings.CACHES["default"]["BACKEND"]).endswith("LocMemCache"):
        return _synchronous("memory://")
    pool = redis_clients.blocking().connection_pool
    return _synchronous(url.replace("unix://", "redis+unix://", 1), connection_pool=pool)


# Any: `limits` types its options too narrowly for a pool.
def _synchronous(url: str, **options: Any) -> Storage:
    storage = storage_from_string(url, **options)
    if not isinstance(storage, Storage):
        raise TypeError("The rate limits need a synchronous storage.")
    return storage


def hit(name: str, who: str) -> bool:
    """Count one more `name` by `who`; False if that is too often."""
    return _counted(lambda limiter: limiter.hit(RATES[name], name, who))


def hit_in_room(kind: str, *who: str) -> bool:
    """Count one more of what sockets do; False if that is too often."""

    def hit_all(limiter: SlidingWindowCounterRateLimiter) -> bool:
        windows = FixedWindowRateLimiter(limiter.storage)
        return all(windows.hit(rate, kind, *who) for rate in ROOM_RATES[kind])

    return _counted(hit_all)


def _counted(count: Callable[[SlidingWindowCounterRateLimiter], bool]) -> bool:
    """Count in Redis; while it may not be written to, in this process.

    So neither guesses at a password are unlimited during an outage, nor is anybody refused for it.
    """
    try:
        return count(_limiter(settings.REDIS_URL))
    except redis.RedisError as error:
        log.warning("Counted in this process alone: %s", error)
        return count(_limiter_of_process())


@functools.cache
def _limiter_of_process() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(_synchronous("memory://"))


def forget(name: str, who: str) -> None:
    """Forget what `who` did of `name`: for wrong tries, when the right one comes."""
    _limiter_of_process().clear(RATES[name], name, who)
    try:
        _limiter(settings.REDIS_URL).clear(RATES[name], name, who)
    except redis.RedisError as error:
        log.warning("What %s did is forgotten later: %s", who, error)


def wait_s(name: str, who: str) -> int:
    """Return after how many seconds `who` may try `name` again; at least 1."""
    resets = [_limiter_of_process().get_window_stats(RATES[name], name, who).reset_time]
    try:
        stats = _limiter(settings.REDIS_URL).get_window_stats(RATES[name], name, who)
        resets.append(stats.reset_time)
    except redis.RedisError as error:
        log.warning("How long %s waits is known to this process alone: %s", who, error)
    return max(1, math.ceil(max(resets) - time.time()))


def reset() -> None:
    """Forget every count; for tests."""
    for limiter in (_limiter(settings.REDIS_URL), _limiter_of_process()):
        limiter.storage.reset()


def who_asks(request: HttpRequest) -> str:
    """Name the account, or the network of a visitor."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return where_from(request)


def has_token(request: HttpRequest) -> bool:
    """True for a request to the API with a token, good or bad: the API refuses a bad one before it
    does or reads anything.
    """
    is_token = request.headers.get("Authorization", "").startswith("Token ")
    return is_token and request.path.startswith("/api/")


def where_from(request: HttpRequest) -> str:
    return f"ip:{network_of(client_address.of_request(request))}"


def network_of(address: str) -> str:
    """Return the part of an address that its owner cannot choose.

    Of IPv6 the first 64 bits: every line has 2**64 addresses (RFC 6177 §2). What is no address,
    such as that of a Unix socket, stays.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return address
    if ip.ipv4_mapped:  # ::ffff:203.0.113.7, as a socket for both families names it.
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(ip) >> 64 << 64, 64)))


View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def exceeded(names: Sequence[str], who: str) -> str:
    """Count one more of each and return the first that is too often, else ""."""
    return next((name for name in names if not hit(name, who)), "")


def with_wait(answer: HttpResponse, name: str, who: str) -> HttpResponse:
    """Say in a 429 of a view's own when it may be tried again."""
    answer["Retry-After"] = str(wait_s(name, who))
    return answer


def refusal(request: HttpRequest, name: str, who: str) -> HttpResponse:
    """Return the 429 for whoever is over the rate `name`: a page for people, `{code, message}` for
    programs.
    """
    wait = wait_s(name, who)
    answer: HttpResponse
    if request.path.startswith("/api/"):
        answer = JsonResponse({"code": "rate_limited", "message": str(TOO_OFTEN)}, status=429)
    else:
        answer = render(
            request, "429.html", {"wait_s": wait, "wait_minutes": math.ceil(wait / 60)}, status=429
        )
    answer["Retry-After"] = str(wait)
    return answer


def limited(*names: str) -> Callable[[View[P]], View[P]]:
    """Answer 429 instead of calling the view when the viewer is over one of the rates."""
    return _limited(names, lambda request: True)


def limited_posts(*names: str) -> Callable[[View[P]], View[P]]:
    """The same for a form's address, where only sending counts."""
    return _limited(names, lambda request: request.method == "POST")


def _limited(
    names: Sequence[str], counts: Callable[[HttpRequest], bool]
) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def counted(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            who = who_asks(request)
            name = exceeded(names, who) if counts(request) else ""
            return refusal(request, name, who) if name else view(request, *args, **kwargs)

        return counted

    return decorate
