"""`/api/v1/spaces/<id>/replay/` and what belongs to it.

That is transcript, clips, and the captions of a live room.
"""

from typing import Any

import redis
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.pagination import BasePagination
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.http import rate_limits
from config.limits import LIMITS
from config.rest.pagination import CursorPages
from config.rest.text_fields import LineField
from spaces.api.errors import refusals
from spaces.api.serializers import PersonSerializer
from spaces.models import Clip, Recording, Space, TranscriptLine
from spaces.rooms import service
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.services import captions, clips, replays, transcripts
from spaces.services.clip_cards import card_of
from spaces.views.replay import urls_for

Data = dict[str, Any]  # Any: a serializer's data.
# Nobody is told of a recording that runs, or of one that is gone.
SHOWN_STATES = [
    choice for choice in Recording.State.choices if choice[0] not in ("running", "deleted")
]


class ChapterSerializer(serializers.Serializer[Data]):
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    user = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    is_gap = serializers.BooleanField(
        default=False, help_text="Nothing was recorded here, though the Space went on."
    )


class PinSerializer(serializers.Serializer[Data]):
    at_ms = serializers.IntegerField()
    post = serializers.IntegerField()


class ReplaySerializer(serializers.Serializer[Data]):
    """A replay.

    The addresses hold for some hours and for the one who asked; they are null until it is ready.
    """

    state = serializers.ChoiceField(SHOWN_STATES)
    progress = serializers.IntegerField(help_text="Per cent, while it is being prepared.")
    failure = serializers.CharField(allow_blank=True)
    duration_ms = serializers.IntegerField()
    from_ms = serializers.IntegerField(help_text="What the host left out at the beginning.")
    has_video = serializers.BooleanField()
    expires_at = serializers.DateTimeField(allow_null=True)
    chapters = ChapterSerializer(many=True)
    pins = PinSerializer(many=True)
    video = serializers.CharField(allow_null=True)
    audio = serializers.CharField(allow_null=True)
    poster = serializers.CharField(allow_null=True)
    captions = serializers.CharField(allow_null=True)


class StartSerializer(serializers.Serializer[Data]):
    from_ms = serializers.IntegerField(
        min_value=0, max_value=10**9, help_text="Of the whole recording."
    )


class LineSerializer(serializers.ModelSerializer[TranscriptLine]):
    speaker = serializers.IntegerField(source="speaker_id", allow_null=True, read_only=True)
    text = LineField(max_length=LIMITS.caption_chars)

    class Meta:
        model = TranscriptLine
        fields = ["id", "speaker", "name", "start_ms", "end_ms", "text", "is_corrected"]
        read_only_fields = ["id", "name", "start_ms", "end_ms", "is_corrected"]


class ClipSerializer(serializers.Serializer[Data]):
    """A clip. Its files have addresses for the one who asked, null until it is cut."""

    id = serializers.CharField()
    url = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    by = PersonSerializer()
    from_ms = serializers.IntegerField()
    to_ms = serializers.IntegerField()
    state = serializers.ChoiceField(Clip.State.choices)
    video = serializers.CharField(allow_null=True)
    poster = serializers.CharField(allow_null=True)


# The bounds of both keep what is sent within the columns; the rules are the service's.
class CutSerializer(serializers.Serializer[Data]):
    from_ms = serializers.IntegerField(min_value=0, max_value=10**9)
    to_ms = serializers.IntegerField(min_value=0, max_value=10**9)
    title = LineField(max_length=500, allow_blank=True, default="")


class CaptionSerializer(serializers.Serializer[captions.Line]):
    participant = serializers.IntegerField()
    name = serializers.CharField()
    text = serializers.CharField()
    start_ms = serializers.IntegerField(help_text="Wall-clock milliseconds.")


_CAPTIONS = inline_serializer("Captions", {"lines": CaptionSerializer(many=True)})


class LinePages(CursorPages):
    # As it was said, not as it was stored: captions come in late.
    ordering = "start_ms"


class ClipPages(CursorPages):
    ordering = "-id"


class SpaceAPIView(APIView):
    """Base of what shows a part of one Space to one viewer."""

    permission_classes = [IsAuthenticatedOrReadOnly]

    @property
    def viewer(self) -> User | None:
        # REST framework's visitor is an object, ours is None.
        return self.request.user if isinstance(self.request.user, User) else None

    @property
    def me(self) -> User:
        assert isinstance(self.request.user, User), "The permission class lets nobody else in."
        return self.request.user

    def space(self, id: str) -> Space:
        spaces = Space.objects.visible_to(self.viewer).select_related("host")
        return get_object_or_404(spaces, public_id=id)

    def recording(self, id: str) -> Recording:
        space = self.space(id)
        recording = replays.find_for(space, self.viewer)
        if recording is None:
            raise Http404
        recording.space = space  # With its host, whom the rules ask for.
        return recording

    # Any: a query set, and how to show it.
    def pages(self, pages: BasePagination, rows: Any, shown: Any) -> Response:
        page: list[Any] = list(pages.paginate_queryset(rows, self.request, view=self) or [])
        return pages.get_paginated_response(shown(page))


class ReplayView(SpaceAPIView):
    @extend_schema(responses=ReplaySerializer)
    def get(self, request: Request, id: str) -> Response:
        """The replay, or how far it is."""
        return Response(self._serialized(self.recording(id)))

    @extend_schema(request=StartSerializer, responses=ReplaySerializer)
    def patch(self, request: Request, id: str) -> Response:
        """Let it begin elsewhere; it is prepared again. The host."""
        form = StartSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with refusals():
            replays.set_start(self.recording(id), self.me, form.validated_data["from_ms"])
        return Response(self._serialized(self.recording(id)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        """Delete it with captions and clips. The host and staff."""
        with refusals():
            replays.delete(self.recording(id), self.me)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _serialized(self, recording: Recording) -> Data:
        is_ready = recording.state == Recording.State.READY
        urls = urls_for(recording, self.viewer) if is_ready else None
        pins = replays.pins_for(recording, self.viewer)
        values = {
            "state": recording.state,
            "progress": recording.progress,
            "failure": recording.failure,
            "duration_ms": recording.duration_ms,
            "from_ms": recording.from_ms,
            "has_video": recording.has_video,
            "expires_at": recording.expires_at,
            "chapters": recording.chapters,
            "pins": [{"at_ms": at_ms, "post": post.pk} for at_ms, post in pins],
            "video": urls.video if urls else None,
            "audio": urls.audio if urls else None,
            "poster": urls.poster if urls else None,
            "captions": urls.captions if urls else None,
        }
        return dict(ReplaySerializer(values).data)


class TranscriptView(SpaceAPIView):
    pagination_class = LinePages

    @extend_schema(responses=LineSerializer(many=True))
    def get(self, request: Request, id: str) -> Response:
        """What was said, in its order, by page."""
        rows = transcripts.lines_for(self.space(id), self.viewer)
        return self.pages(
            self.pagination_class(), rows, lambda page: LineSerializer(page, many=True).data
        )


class TranscriptLineView(SpaceAPIView):
    @extend_schema(request=LineSerializer, responses=LineSerializer)
    def patch(self, request: Request, id: str, line: int) -> Response:
        """Correct one line. The host."""
        lines = transcripts.lines_for(self.space(id), self.viewer).select_related("space")
        found = get_object_or_404(lines, pk=line)
        # A body may be a JSON list as well.
        text = request.data.get("text", "") if isinstance(request.data, dict) else ""
        with refusals():
            return Response(LineSerializer(transcripts.correct(found, self.me, str(text))).data)


class ClipsView(SpaceAPIView):
    pagination_class = ClipPages

    @extend_schema(responses=ClipSerializer(many=True))
    def get(self, request: Request, id: str) -> Response:
        """Clips of this replay, the newest first, by page."""
        rows = (
            self.recording(id)
            .clips.visible_to(self.viewer)
            .select_related("by", "recording__space__host")
        )
        return self.pages(
            self.pagination_class(),
            rows,
            lambda page: [_serialized_clip(clip, self.viewer) for clip in page],
        )

    @extend_schema(request=CutSerializer, responses={201: ClipSerializer})
    def post(self, request: Request, id: str) -> Response:
        """Cut a clip of a few seconds. It is `waiting` for some seconds, then `ready`."""
        form = CutSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        recording = self.recording(id)
        with refusals():
            if not rate_limits.hit("clip", f"user:{self.me.pk}"):
                raise RoomError(ErrorCode.RATE_LIMITED)
            clip = clips.cut(recording, self.me, **form.validated_data)
        return Response(_serialized_clip(clip, self.viewer), status.HTTP_201_CREATED)


class ClipView(SpaceAPIView):
    @extend_schema(responses=ClipSerializer)
    def get(self, request: Request, id: str) -> Response:
        return Response(_serialized_clip(self._get_clip(id), self.viewer))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        """Delete it: who cut it, the host, staff."""
        with refusals():
            clips.delete(self._get_clip(id), self.me)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _get_clip(self, id: str) -> Clip:
        found = Clip.objects.visible_to(self.viewer).select_related("by", "recording__space__host")
        return get_object_or_404(found, public_id=id)


class ReplayCaptionsView(SpaceAPIView):
    @extend_schema(responses=_CAPTIONS)
    def get(self, request: Request, id: str) -> Response:
        """What was said in a live room in the last five minutes, to who may be in it."""
        space = self.space(id)
        with refusals():
            service.get_room_for(space.public_id, service.actor_of(self.viewer))
            # Without Redis nothing is known; an empty list would say that nobody spoke.
            try:
                lines = captions.lines(space.public_id, 0)
            except redis.RedisError as error:
                raise RoomError(ErrorCode.FAILED) from error
        return Response({"lines": [CaptionSerializer(line).data for line in lines]})


def _serialized_clip(clip: Clip, viewer: User | None) -> Data:
    card = card_of(clip, viewer)
    values = {
        "id": clip.public_id,
        "url": clip.get_absolute_url(),
        "title": clip.title,
        "by": clip.by,
        "from_ms": clip.from_ms,
        "to_ms": clip.to_ms,
        "state": clip.state,
        "video": card.video or None,
        "poster": card.poster or None,
    }
    return dict(ClipSerializer(values).data)
