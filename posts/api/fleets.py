"""Fleets: put up, looked at, answered with a message, taken down."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import caller, count, known_caller, person_or_404
from accounts.api.serializers import AccountBriefSerializer
from accounts.models import Follow
from config.rest.text_fields import LinesField
from posts.api.uploads import picture
from posts.models import Fleet, FleetView
from posts.models.attachment import ALT_CHARS
from posts.models.fleet import FleetQuerySet
from posts.services import fleet_replies, fleets

TEXT_MAX = 10_000  # Far above the limit: the service counts and says the sentence.


class FleetSerializer(serializers.ModelSerializer[Fleet]):
    """A Fleet as the caller sees it.

    `picture` is an address that answers those who may see it, until it ends.
    """

    author = AccountBriefSerializer(read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    picture = serializers.CharField(source="picture_url", read_only=True)
    is_seen = serializers.BooleanField(read_only=True)

    class Meta:
        model = Fleet
        fields = (
            *(
                "id",
                "url",
                "author",
                "text",
                "picture",
                "width",
                "height",
                "is_moving",
                "alt",
                "audience",
            ),
            *("created_at", "expires_at", "is_seen"),
        )
        read_only_fields = fields


class NewFleetSerializer(serializers.Serializer[Fleet]):
    """JSON, or a form for the file of `picture`."""

    text = LinesField(max_length=TEXT_MAX, allow_blank=True, default="")
    picture = serializers.FileField(required=False)
    alt = LinesField(max_length=ALT_CHARS, allow_blank=True, default="")
    audience = serializers.ChoiceField(Fleet.Audience.choices, default=Fleet.Audience.PUBLIC)


class FleetViewerSerializer(serializers.ModelSerializer[FleetView]):
    viewer = AccountBriefSerializer(read_only=True)

    class Meta:
        model = FleetView
        fields = ("viewer", "seen_at")
        read_only_fields = fields


class FleetReplySerializer(serializers.Serializer[object]):
    text = LinesField(max_length=TEXT_MAX, help_text="Words, or one emoji as a reaction.")


def found(request: Request, pk: int) -> Fleet:
    """Return the Fleet if the caller may see it.

    Raises NotFound for a hidden one, one that is over and none.
    """
    viewer = caller(request)
    rows = Fleet.objects.visible_to(viewer).with_seen_by(viewer).select_related("author")
    fleet = rows.filter(pk=pk).first() if pk < 2**63 else None
    if fleet is None:
        raise NotFound
    return fleet


class FleetsView(generics.ListAPIView[Fleet]):
    """Of the people the caller follows and the caller, the newest first; with `author`, of that
    person.
    """

    permission_classes = [IsAuthenticatedOrReadOnly]
    serializer_class = FleetSerializer
    queryset = Fleet.objects.none()  # For the schema; each request has its own.

    def get_queryset(self) -> FleetQuerySet:
        viewer = caller(self.request)
        rows = Fleet.objects.visible_to(viewer).with_seen_by(viewer).select_related("author")
        handle = self.request.query_params.get("author", "")
        if handle:
            return rows.filter(author=person_or_404(handle))
        # No user has the id 0: visitors follow nobody and have no Fleets.
        mine = viewer.pk if viewer else 0
        near = Follow.objects.filter(follower=mine).values("followed")
        return rows.without_muted(viewer).filter(author__in=near) | rows.filter(author=mine)

    @extend_schema(parameters=[OpenApiParameter("author", str, description="A handle.")])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=NewFleetSerializer, responses={201: FleetSerializer})
    def post(self, request: Request) -> Response:
        """Put one up for a day."""
        count(request, "fleet")
        form = NewFleetSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        shown = picture(wanted["picture"], wanted["alt"]) if wanted.get("picture") else None
        fleet = fleets.publish(
            known_caller(request), wanted["text"], shown, Fleet.Audience(wanted["audience"])
        )
        return Response(
            FleetSerializer(found(request, fleet.pk)).data, status=status.HTTP_201_CREATED
        )


class FleetDetailView(APIView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(responses=FleetSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(FleetSerializer(found(request, pk)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take one's own down at once."""
        fleets.delete(known_caller(request), found(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class FleetSeenView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: Request, pk: int) -> Response:
        """Let its author know that the caller saw it."""
        count(request, "mark")
        fleets.mark_seen(known_caller(request), found(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class FleetViewersView(APIView):
    @extend_schema(responses=FleetViewerSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Who saw it, the latest first; for its author alone."""
        views = fleets.seen_by(known_caller(request), found(request, pk))
        return Response(FleetViewerSerializer(views, many=True).data)


class FleetReplyView(APIView):
    @extend_schema(request=FleetReplySerializer, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Answer with a direct message, if the author's messages are open to the caller."""
        count(request, "message")
        form = FleetReplySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fleet = found(request, pk)
        url = request.build_absolute_uri(fleet.get_absolute_url())
        fleet_replies.reply(known_caller(request), fleet, form.validated_data["text"], url)
        return Response(status=status.HTTP_204_NO_CONTENT)
