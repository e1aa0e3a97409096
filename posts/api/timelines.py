"""Feeds as JSON, page by page with `?after=`."""

import functools
from abc import ABC, abstractmethod

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import caller, count, known_caller, person_or_404
from accounts.services.relationships import relation
from config.text import line
from posts.api.serializers import FeedSerializer, SearchSerializer
from posts.services import searching, timelines
from posts.services.timelines import Cursor, TimelinePage

_AFTER = OpenApiParameter("after", str, description="`next` of the page before.")
_QUERY = OpenApiParameter("q", str, required=True)


def as_feed(page: TimelinePage) -> dict[str, object]:
    return {"next": str(page.next) if page.next else None, "results": page.entries}


@functools.cache
def _feed() -> FeedSerializer:
    """Made once: a serializer of so many fields takes longer to make than to write a page of posts.

    It keeps nothing of what it writes.
    """
    return FeedSerializer()


def after(request: Request) -> Cursor | None:
    return Cursor.parse(request.query_params.get("after", ""))


class FeedView(APIView, ABC):
    """Subclasses say which page; the rest is the same for every feed."""

    @extend_schema(parameters=[_AFTER], responses=FeedSerializer)
    def get(self, request: Request, **kwargs: str) -> Response:
        return Response(_feed().to_representation(as_feed(self.page(request, **kwargs))))

    @abstractmethod
    def page(self, request: Request, **kwargs: str) -> TimelinePage: ...


class HomeView(FeedView):
    """People the caller follows, and the caller."""

    def page(self, request: Request, **kwargs: str) -> TimelinePage:
        return timelines.home(known_caller(request), after(request))


class BookmarksView(FeedView):
    def page(self, request: Request, **kwargs: str) -> TimelinePage:
        return timelines.bookmarks(known_caller(request), after(request))


class PublicView(FeedView):
    """Everybody's opening posts."""

    permission_classes = [AllowAny]

    def page(self, request: Request, **kwargs: str) -> TimelinePage:
        return timelines.public(caller(request), after(request))


class TagView(FeedView):
    permission_classes = [AllowAny]

    def page(self, request: Request, **kwargs: str) -> TimelinePage:
        return timelines.with_hashtag(kwargs["name"], caller(request), after(request))


class PersonPostsView(FeedView):
    """A person's posts and reposts."""

    permission_classes = [AllowAny]
    feed = staticmethod(timelines.of_person)

    def page(self, request: Request, **kwargs: str) -> TimelinePage:
        viewer, person = caller(request), person_or_404(kwargs["handle"])
        if relation(viewer, person) in {"blocked", "blocking"}:
            raise Http404
        return self.feed(person, viewer, after(request))


class PersonRepliesView(PersonPostsView):
    """A person's replies."""

    feed = staticmethod(timelines.replies_of_person)


class SearchView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(parameters=[_QUERY, _AFTER], responses=SearchSerializer)
    def get(self, request: Request) -> Response:
        """People and posts; `after` pages through the posts."""
        count(request, "search")
        viewer, query = caller(request), line(request.query_params.get("q", ""))
        people = searching.people(query, viewer)
        posts = as_feed(searching.posts(query, viewer, after(request)))
        shown = SearchSerializer({"people": people, "posts": posts})
        return Response(shown.data)
