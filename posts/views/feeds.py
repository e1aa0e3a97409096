"""Feeds: home, explore, tag, bookmarks, search.

The same address answers htmx with the next page of posts (`?after=`).
"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.views.people import with_relations
from accounts.views.responses import is_fragment, me, viewer_of
from config.db import full_text
from config.http.rate_limits import limited
from config.text import line
from posts.services import searching, timelines, trends
from posts.services.timelines import Cursor, TimelinePage


def _feed(
    request: HttpRequest, page: TimelinePage, template: str, **context: object
) -> HttpResponse:
    if is_fragment(request):
        return render(request, "posts/_feed_page.html", {"page": page})
    return render(request, template, {"page": page, **context})


def _after(request: HttpRequest) -> Cursor | None:
    return Cursor.parse(request.GET.get("after", ""))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    if viewer is None:
        return _feed(request, timelines.public(None, _after(request)), "posts/welcome.html")
    page = timelines.home(viewer, _after(request))
    return _feed(request, page, "posts/home.html", now=Cursor(timezone.now(), 1))


@require_safe
@login_required
def new_posts(request: HttpRequest) -> HttpResponse:
    """The "5 new posts" button, asked for every half minute; 204 while there is nothing new."""
    since = Cursor.parse(request.GET.get("since", ""))
    count = timelines.new_since(me(request), since) if since else 0
    if not count:
        return HttpResponse(status=204)
    context = {"count": count, "is_more": count >= timelines.PAGE}
    return render(request, "posts/_new_posts.html", context)


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    page = timelines.public(viewer_of(request), _after(request))
    return _feed(request, page, "posts/explore.html", trends=trends.newest(8))


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    page = timelines.with_hashtag(name, viewer_of(request), _after(request))
    return _feed(request, page, "posts/tag.html", name=name)


@require_safe
@login_required
def bookmarks(request: HttpRequest) -> HttpResponse:
    page = timelines.bookmarks(me(request), _after(request))
    return _feed(request, page, "posts/bookmarks.html")


@require_safe
@limited("search")
def search(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    query = line(request.GET.get("q", ""))[: full_text.QUERY_CHARS]
    page = searching.posts(query, viewer, _after(request))
    # Further pages hold posts alone: people and other finds stand on the first.
    if is_fragment(request):
        return _feed(request, page, "posts/search.html")
    rows = with_relations(searching.people(query, viewer, limit=5), viewer)
    parts = searching.found_elsewhere(query, viewer)
    return _feed(request, page, "posts/search.html", query=query, rows=rows, parts=parts)
