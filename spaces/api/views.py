"""`/api/v1/spaces/`: lists, one Space, its life, and every command of the room."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from msgspec import UNSET
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from config.http import rate_limits
from config.rest.pagination import CursorPages
from config.text import casefolded
from spaces import protocol
from spaces.api.errors import refusals
from spaces.api.serializers import (
    ActionSerializer,
    ChangeSerializer,
    DraftSerializer,
    ReminderSerializer,
    SpaceSerializer,
)
from spaces.models import Space
from spaces.models.space import PUBLIC_ID
from spaces.rooms import commands, service
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.state import Role, SpeakRule
from spaces.services import presence_store, reminders, scheduling

# A green room is not public, and a cancelled Space is of no use to any viewer.
LISTED = (Space.State.LIVE, Space.State.SCHEDULED, Space.State.ENDED)
_STATE = OpenApiParameter("state", str, enum=[state.value for state in LISTED])
_TOPIC = OpenApiParameter("topic", str, description="The topic's name in any case.")
_LANGUAGE = OpenApiParameter("language", str)
_HOST = OpenApiParameter("host", str, description="The host's handle.")
_ANSWER = inline_serializer(
    "RoomAnswer", {"role": serializers.CharField(), "rev": serializers.IntegerField()}
)


class SpacePages(CursorPages):
    ordering = "-id"


class SpaceViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Space]
):
    permission_classes = [IsAuthenticatedOrReadOnly]
    serializer_class = SpaceSerializer
    pagination_class = SpacePages
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = PUBLIC_ID
    queryset = Space.objects.none()  # For the schema; each request has its own.

    def get_queryset(self) -> QuerySet[Space]:
        return Space.objects.visible_to(self._viewer).with_people()

    @extend_schema(parameters=[_STATE, _TOPIC, _LANGUAGE, _HOST])
    # Any: REST framework's signature.
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Spaces the viewer may see, the newest first.

        Rooms whose host is lost and replaced by nobody are left out.
        """
        params = request.query_params
        state = params.get("state")
        if state is not None and state not in LISTED:
            raise ValidationError({"state": "One of live, scheduled, ended."})
        spaces = Space.objects.visible_to(self._viewer).with_people().listed().open_to(self._viewer)
        spaces = spaces.filter(state__in=[state] if state else LISTED)
        if "topic" in params:
            spaces = spaces.filter(topics__key=casefolded(params["topic"]))
        if "language" in params:
            spaces = spaces.filter(language=params["language"])
        if "host" in params:
            # A handle is one in any case.
            spaces = spaces.filter(host__handle__iexact=params["host"])
        page = self.paginate_queryset(spaces) or []
        return self.get_paginated_response(self._serialized(page))

    # Any: REST framework's signature.
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self._serialized([self.get_object()])[0])

    @extend_schema(request=DraftSerializer, responses={201: SpaceSerializer})
    def create(self, request: Request) -> Response:
        """Open a Space: now (in its green room, not public before `start`), or scheduled."""
        form = DraftSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        when = form.validated_data["scheduled_for"]
        # Only now: what is badly written opens no Space and counts for nothing.
        self._count("space")
        with refusals():
            if when is None:
                space = scheduling.open_now(self._me, form.draft())
            else:
                space = scheduling.schedule(
                    self._me, form.draft(), when, form.validated_data["time_zone"]
                )
        return self._respond(space, status.HTTP_201_CREATED)

    @extend_schema(request=ChangeSerializer, responses=SpaceSerializer)
    def partial_update(self, request: Request, id: str) -> Response:
        """Edit it.

        Before the start everything, while live the title, the speak rule and whether there is
        video.
        """
        form = ChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        space = self.get_object()
        # All that was sent or nothing.
        with refusals(), transaction.atomic():
            if space.state == Space.State.LIVE:
                self._update_live(space, values)
                return self._respond(space)
            when = values.pop("scheduled_for", None) or space.scheduled_for
            zone = values.pop("time_zone", space.time_zone)
            scheduling.edit(space, self._me, replace(scheduling.draft_of(space), **values))
            # All who wait are told of a move, so the same time again is none.
            if when is not None and (when, zone) != (space.scheduled_for, space.time_zone):
                scheduling.move(space, self._me, when, zone)
        return self._respond(space)

    @extend_schema(request=None, responses=SpaceSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, id: str) -> Response:
        """Make it public."""
        with refusals():
            return self._respond(scheduling.start(self.get_object(), self._me))

    @extend_schema(request=None, responses=SpaceSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, id: str) -> Response:
        """End it for everyone: the host, the acting host, staff."""
        with refusals():
            return self._respond(scheduling.end(self.get_object(), self._me))

    @extend_schema(request=None, responses=SpaceSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:
        """Cancel it before the start."""
        with refusals():
            return self._respond(scheduling.cancel(self.get_object(), self._me))

    @extend_schema(methods=["post"], request=ReminderSerializer, responses={204: None})
    @extend_schema(methods=["delete"], request=None, responses={204: None})
    @action(detail=True, methods=["post", "delete"])
    def reminder(self, request: Request, id: str) -> Response:
        """`POST` tells the caller when it starts, moves or is called off.

        With `early` also 10 minutes before.
        """
        self._count("mark")
        space = self.get_object()
        if request.method == "DELETE":
            reminders.unsubscribe(self._me, space)
            return Response(status=status.HTTP_204_NO_CONTENT)
        form = ReminderSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with refusals():
            reminders.subscribe(self._me, space, early=form.validated_data["early"])
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=ActionSerializer, responses=_ANSWER)
    @action(detail=True, methods=["post"])
    def actions(self, request: Request, id: str) -> Response:
        """Do in the room what a socket can ask for.

        The message is as in the room protocol, and the rules are the same.
        """
        space = self.get_object()
        with refusals():
            # A body may be a JSON list or text as well.
            if not isinstance(request.data, dict):
                raise RoomError(ErrorCode.BAD_MESSAGE)
            # Through the parser of the socket, so that both ways take exactly the same.
            text = json.dumps(dict(request.data.items()), default=str)
            command = protocol.parse(text).body
            if not isinstance(command, commands.RoomCommand):
                raise RoomError(ErrorCode.BAD_MESSAGE)
            asks = isinstance(command, commands.RequestToSpeak)
            if asks and not rate_limits.hit_in_room("request", space.public_id, str(self._me.pk)):
                raise Throttled(wait=60, code="rate_limited")
            room = service.execute(space.public_id, service.actor_of(self._me), command)
        seat = room.seat_of(self._me.pk)
        role = seat.role if seat else Role.LISTENER
        return Response({"role": role.value, "rev": room.rev})

    # ----------------------------------------------------------------------------------------------

    @property
    def _viewer(self) -> User | None:
        # REST framework's visitor is an object, ours is None.
        return self.request.user if isinstance(self.request.user, User) else None

    def _count(self, name: str) -> None:
        """Raise Throttled if the caller is over this rate."""
        who = rate_limits.who_asks(self.request)
        if rate_limits.exceeded([name], who):
            raise Throttled(wait=rate_limits.wait_s(name, who))

    @property
    def _me(self) -> User:
        assert isinstance(self.request.user, User), "The permission class lets nobody else in."
        return self.request.user

    def _serialized(self, spaces: Sequence[Space]) -> Any:  # Any: a serializer's data.
        # One question to Redis for the whole page.
        live = [space.public_id for space in spaces if space.state == Space.State.LIVE]
        context = {"people": presence_store.counts(live), "request": self.request}
        return SpaceSerializer(spaces, many=True, context=context).data

    def _respond(self, space: Space, code: int = status.HTTP_200_OK) -> Response:
        """Return the Space as it is now, also to a caller whom it is hidden from since."""
        fresh = get_object_or_404(Space.objects.with_people(), pk=space.pk)
        return Response(self._serialized([fresh])[0], code)

    def _update_live(self, space: Space, values: dict[str, Any]) -> None:  # Any: validated data.
        # The rest is settled at the start.
        unknown = set(values) - {"title", "speak_rule", "video_enabled"}
        if unknown:
            raise RoomError(ErrorCode.ALREADY_STARTED)
        rule = values.get("speak_rule")
        change = commands.UpdateRoom(
            title=values.get("title", UNSET),
            speak_rule=SpeakRule(rule) if rule else UNSET,
            video=values.get("video_enabled", UNSET),
        )
        service.execute(space.public_id, service.actor_of(self._me), change)
