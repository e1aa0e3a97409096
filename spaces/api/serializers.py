"""Spaces as JSON."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from config.rest.text_fields import LineField
from spaces import protocol
from spaces.models import Seat, Space
from spaces.rooms import commands, repository
from spaces.rooms.state import Source
from spaces.services import scheduling


class PersonSerializer(serializers.ModelSerializer[User]):
    name = serializers.CharField(read_only=True)
    avatar = serializers.CharField(source="avatar_url", read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = User
        fields = ["id", "handle", "name", "avatar", "url"]


class SeatSerializer(serializers.ModelSerializer[Seat]):
    user = PersonSerializer(read_only=True)
    mic = serializers.BooleanField(source="microphone", read_only=True)
    interrupted = serializers.SerializerMethodField(
        help_text="What is on but taken by the person's system for now."
    )

    class Meta:
        model = Seat
        fields = ["user", "role", "mic", "camera", "screen", "interrupted", "presence", "order"]
        read_only_fields = fields

    @extend_schema_field(
        serializers.ListField(child=serializers.ChoiceField([source.value for source in Source]))
    )
    def get_interrupted(self, seat: Seat) -> list[str]:
        return list(repository.seat_of(seat).interruptions)


class SpaceSerializer(serializers.ModelSerializer[Space]):
    """A Space as a card shows it."""

    id = serializers.CharField(source="public_id", read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    host = PersonSerializer(read_only=True)
    topics = serializers.SerializerMethodField()
    # The column is blank until then; the schema has to say so.
    end_reason = serializers.ChoiceField(
        [("", "Not over"), *Space.EndReason.choices], read_only=True
    )
    stage = serializers.SerializerMethodField()
    listeners = serializers.SerializerMethodField(help_text="How many listen now; 0 unless live.")

    class Meta:
        model = Space
        fields = [
            *("id", "url", "title", "state", "host", "topics", "language"),
            *("speak_rule", "requests_open", "video_enabled", "recording_wanted"),
            *("transcript_wanted", "visitors_allowed", "mics_locked", "locked", "is_recording"),
            *("scheduled_for", "time_zone", "started_at", "ended_at", "end_reason"),
            *("listened", "spoke", "stage", "listeners"),
        ]
        read_only_fields = fields

    def get_topics(self, space: Space) -> list[str]:
        return [topic.name for topic in space.topics.all()]

    @extend_schema_field(SeatSerializer(many=True))
    def get_stage(self, space: Space) -> list[dict[str, Any]]:  # Any: a serializer's data.
        return list(SeatSerializer(space.seats.all(), many=True).data)

    def get_listeners(self, space: Space) -> int:
        # Counted by the view for all Spaces of the page; presence includes the stage.
        people: dict[str, int] = self.context.get("people", {})
        connected = sum(1 for seat in space.seats.all() if seat.presence != Seat.Presence.LOST)
        return max(0, people.get(space.public_id, 0) - connected)


class DraftSerializer(serializers.Serializer[scheduling.SpaceDraft]):
    """What "Name your Space" asks for.

    With `scheduled_for` it is scheduled, without it the green room opens.
    """

    # The rules of a title are the service's; this bound only keeps absurd bodies out.
    title = LineField(max_length=commands.TITLE_CHARS, allow_blank=True)
    topics = serializers.ListField(child=LineField(max_length=100), max_length=20, required=False)
    language = serializers.CharField(max_length=8, default=settings.LANGUAGE_CODE)
    speak_rule = serializers.ChoiceField(Space.SpeakRule.choices, default=Space.SpeakRule.INVITED)
    video_enabled = serializers.BooleanField(default=False)
    recording_wanted = serializers.BooleanField(default=False)
    transcript_wanted = serializers.BooleanField(default=False)
    visitors_allowed = serializers.BooleanField(default=True)
    scheduled_for = serializers.DateTimeField(required=False, allow_null=True, default=None)
    time_zone = serializers.CharField(max_length=64, default="UTC")

    def draft(self) -> scheduling.SpaceDraft:
        values = dict(self.validated_data)
        values.pop("scheduled_for")
        values.pop("time_zone")
        return scheduling.SpaceDraft(**{"topics": (), **values})


class ChangeSerializer(serializers.Serializer[Space]):
    """Any of these. Before the start all of them, while live those of `room.update`."""

    # No defaults: what is not sent stays as it is.
    title = LineField(max_length=commands.TITLE_CHARS, allow_blank=True, required=False)
    topics = serializers.ListField(child=LineField(max_length=100), max_length=20, required=False)
    language = serializers.CharField(max_length=8, required=False)
    speak_rule = serializers.ChoiceField(Space.SpeakRule.choices, required=False)
    video_enabled = serializers.BooleanField(required=False)
    recording_wanted = serializers.BooleanField(required=False)
    transcript_wanted = serializers.BooleanField(required=False)
    visitors_allowed = serializers.BooleanField(required=False)
    scheduled_for = serializers.DateTimeField(required=False)
    time_zone = serializers.CharField(max_length=64, required=False)


class ReminderSerializer(serializers.Serializer[Space]):
    early = serializers.BooleanField(default=False, help_text="Also 10 minutes before.")


def command_words() -> list[str]:
    """Return the socket messages that are commands to the room, and so work over REST too."""
    return [
        word for word, shape in protocol.MESSAGES.items() if issubclass(shape, commands.RoomCommand)
    ]


class ActionSerializer(serializers.Serializer[protocol.ClientMessage]):
    """One message of the room protocol that asks the room for something.

    Fields are as in spaces/PROTOCOL.md.
    """

    # For the schema alone: the socket's own parser reads the body.
    type = serializers.ChoiceField([(word, word) for word in command_words()])
    user = serializers.IntegerField(required=False, allow_null=True)
    role = serializers.ChoiceField([("speaker", "speaker"), ("cohost", "cohost")], required=False)
    on = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False)
    consent = serializers.BooleanField(required=False)
    url = serializers.CharField(required=False)
    pin = serializers.IntegerField(required=False)
    title = serializers.CharField(required=False)
    speak_rule = serializers.ChoiceField(Space.SpeakRule.choices, required=False)
    requests_open = serializers.BooleanField(required=False)
    video = serializers.BooleanField(required=False)
    locked = serializers.BooleanField(required=False)
