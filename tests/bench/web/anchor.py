"""What pages are measured against, in the same process: an empty view, and twenty posts of the same
table drawn as a first Django project would.

Both go through the middleware that `startproject` writes, and none of ours. No server but the one
of `tests.bench.web.serve` has these addresses.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIHandler
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.test import override_settings
from django.urls import path

from accounts.models import Follow
from posts.models import Bookmark, Like, Post

PREFIX = "/bench/"
PLAIN_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ENGINE = Engine(dirs=[str(Path(__file__).parent)])
POSTS = 20

_queries: deque[str] = deque(maxlen=200)
_asked = 0


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@login_required
def plain_home(request: HttpRequest) -> HttpResponse:
    """The posts of whom the viewer follows, by the queries that it takes at least: session, user,
    followed ids, posts with their people, pictures.
    """
    viewer = request.user.pk
    shown = list(Follow.objects.filter(follower=viewer).values_list("followed_id", flat=True))
    mine = {"user": viewer, "post": OuterRef("pk")}
    posts = (
        Post.objects.filter(author__in=[*shown, viewer])
        .filter(Q(is_reply=False) | Q(reply_to__author__in=shown))
        .select_related("author", "reply_to__author", "repost_of__author", "quote_of__author")
        .prefetch_related("images")
        .annotate(is_liked=Exists(Like.objects.filter(**mine)))
        .annotate(is_bookmarked=Exists(Bookmark.objects.filter(**mine)))
        .order_by("-created_at", "-id")[:POSTS]
    )
    template = ENGINE.get_template("plain.html")
    return HttpResponse(template.render(Context({"posts": posts, "viewer": request.user})))


def queries(request: HttpRequest) -> JsonResponse:
    """How many queries this process has asked so far, and the last of them."""
    return JsonResponse({"count": _asked, "last": list(_queries)})


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/posts/", plain_home),
    path("bench/queries/", queries),
]


class PlainHandler(ASGIHandler):
    """A Django beside the site's own, with other middleware and other addresses."""

    def load_middleware(self, is_async: bool = False) -> None:
        with override_settings(MIDDLEWARE=PLAIN_MIDDLEWARE):
            super().load_middleware(is_async)

    def resolve_request(self, request: HttpRequest) -> Any:  # Any: Django's own.
        request.urlconf = __name__
        return super().resolve_request(request)


Application = Callable[..., Awaitable[None]]


def with_anchor(application: Application) -> Application:
    """Return `application` with the addresses below PREFIX, and count its queries."""
    connection_created.connect(_count_queries)
    plain = PlainHandler()

    # Any: as ASGI has it. Daphne gives them by their names.
    async def called(scope: dict[str, Any], receive: Any, send: Any) -> None:
        is_anchor = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (plain if is_anchor else application)(scope, receive, send)

    return called


def _count_queries(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


def _count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:  # Any: Django's own.
    global _asked  # noqa: PLW0603  # Of the process, as is the deque.
    _asked += 1
    _queries.append(sql)
    return execute(sql, *rest)
