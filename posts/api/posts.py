"""Posts: write, read, answer, delete, and the marks people put on them."""

from collections.abc import Callable

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import caller, count, known_caller
from accounts.models import User
from posts.api.serializers import (
    EditSerializer,
    FeedSerializer,
    NewPostSerializer,
    PostSerializer,
    VersionSerializer,
    VoteSerializer,
)
from posts.api.uploads import pictures_of
from posts.models import Post
from posts.services import interactions, polls, posting, threads
from posts.services.polls import NewPoll
from posts.services.presented_post import present_one
from posts.services.timelines import Cursor

Verb = Callable[[User, Post], None]
AFTER = OpenApiParameter("after", str, description="`next` of the page before.")


def post_or_404(request: Request, pk: int) -> Post:
    """Return the post if the caller may read it.

    The answer is the same for a hidden post and for none.
    """
    post = threads.find(pk, caller(request)) if 0 < pk < 2**63 else None
    if post is None:
        raise NotFound
    return post


class PostsView(APIView):
    @extend_schema(request=NewPostSerializer, responses={201: PostSerializer})
    def post(self, request: Request) -> Response:
        """Publish a post, an answer to one or a quote, with pictures, a recording or a poll."""
        count(request, "post", "post_day")
        form = NewPostSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        author, wanted = known_caller(request), form.validated_data
        reply_to = post_or_404(request, wanted["reply_to"]) if wanted.get("reply_to") else None
        quote_of = post_or_404(request, wanted["quote_of"]) if wanted.get("quote_of") else None
        poll = wanted.get("poll")
        post = posting.publish(
            author,
            wanted["text"],
            reply_to=reply_to,
            quote_of=quote_of,
            images=pictures_of(wanted.get("images") or (), wanted.get("alt") or ()),
            voice_id=wanted.get("voice"),
            poll=NewPoll(poll["options"], poll["lasts_s"]) if poll else None,
            replies_from=wanted["replies_from"],
        )
        return Response(
            PostSerializer(present_one(post, author)).data, status=status.HTTP_201_CREATED
        )


class PostDetailView(APIView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(responses=PostSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(PostSerializer(present_one(post_or_404(request, pk), caller(request))).data)

    @extend_schema(request=EditSerializer, responses=PostSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change one's own words, for a time; what they were stays readable on the site."""
        count(request, "post", "post_day")
        form = EditSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        me = known_caller(request)
        posting.edit(me, post_or_404(request, pk), form.validated_data["text"])
        return Response(PostSerializer(present_one(post_or_404(request, pk), me)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete one's own post for good."""
        posting.delete(known_caller(request), post_or_404(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RepliesView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(parameters=[AFTER], responses=FeedSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The answers to a post, oldest first, its author's own chain in front."""
        viewer, post = caller(request), post_or_404(request, pk)
        after = Cursor.parse(request.query_params.get("after", ""))
        if after:
            answers, further = threads.answers_after(post, viewer, after)
        else:
            thread = threads.thread_of(post, viewer)
            answers, further = [*thread.continued, *thread.answers], thread.next
        page = {"next": str(further) if further else None, "results": answers}
        return Response(FeedSerializer(page).data)


class HistoryView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses=VersionSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What the post said before, the latest first; for everybody who may read it."""
        return Response(VersionSerializer(post_or_404(request, pk).versions.all(), many=True).data)


class VoteView(APIView):
    @extend_schema(request=VoteSerializer, responses=PostSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Vote in the poll of a post, once and for all."""
        count(request, "mark")
        form = VoteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        me = known_caller(request)
        polls.vote(me, post_or_404(request, pk), form.validated_data["position"])
        return Response(PostSerializer(present_one(post_or_404(request, pk), me)).data)


class DetachView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: Request, pk: int) -> Response:
        """Take one's own post out of this quote of it."""
        posting.detach(known_caller(request), post_or_404(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class InteractionView(APIView):
    """`PUT` puts the mark, `DELETE` takes it away; both may be repeated.

    Answers the post as it is then.
    """

    turn_on: Verb
    turn_off: Verb

    @extend_schema(request=None, responses=PostSerializer)
    def put(self, request: Request, pk: int) -> Response:
        return self._apply(request, pk, type(self).turn_on)

    @extend_schema(request=None, responses={200: PostSerializer})
    def delete(self, request: Request, pk: int) -> Response:
        return self._apply(request, pk, type(self).turn_off)

    def _apply(self, request: Request, pk: int, verb: Verb) -> Response:
        count(request, "mark")
        me = known_caller(request)
        verb(me, post_or_404(request, pk))
        return Response(PostSerializer(present_one(post_or_404(request, pk), me)).data)


class LikeView(InteractionView):
    turn_on = staticmethod(interactions.like)
    turn_off = staticmethod(interactions.unlike)


class RepostView(InteractionView):
    turn_on = staticmethod(interactions.repost)
    turn_off = staticmethod(interactions.unrepost)


class BookmarkView(InteractionView):
    turn_on = staticmethod(interactions.bookmark)
    turn_off = staticmethod(interactions.unbookmark)
