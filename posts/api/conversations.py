"""Direct messages as JSON: conversations of two and groups, for their members alone."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import count, known_caller, person_or_404
from accounts.api.serializers import AccountBriefSerializer
from accounts.models import User
from config.cursors import parse_id
from config.limits import LIMITS
from config.rest.text_fields import LineField, LinesField
from posts.api.serializers import ID_MAX, TEXT_MAX, VoiceSerializer
from posts.api.uploads import pictures_of
from posts.models import Message, MessageImage
from posts.models.attachment import ALT_CHARS
from posts.services import conversations, groups, messaging, presented_message, recipients
from posts.services.conversations import MemberConversation
from posts.services.presented_message import PresentedMessage

_BOX = OpenApiParameter(
    "box", str, enum=["inbox", "requests"], description="`requests`: from strangers, not let in."
)
_BEFORE = OpenApiParameter("before", int, description="`older` of the page before.")
_AFTER = OpenApiParameter("since", int, description="Only what came after the message of this id.")


class MessagePictureSerializer(serializers.ModelSerializer[MessageImage]):
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    still_url = serializers.CharField(read_only=True)

    class Meta:
        model = MessageImage
        fields = ("url", "width", "height", "alt", "is_moving", "still_url")
        read_only_fields = fields


class MessageSerializer(serializers.Serializer[PresentedMessage]):
    """A message, or with `note` a sentence on what somebody did in the group.

    `is_deleted` ones have no words.
    """

    id = serializers.IntegerField(source="message.pk")
    conversation = serializers.IntegerField(source="message.conversation_id")
    sender = AccountBriefSerializer(source="message.sender")
    text = serializers.CharField(source="message.text")
    html = serializers.CharField()
    note = serializers.CharField()
    images = MessagePictureSerializer(many=True)
    voice = VoiceSerializer(source="message.voice", allow_null=True)
    created_at = serializers.DateTimeField(source="message.created_at")
    is_mine = serializers.BooleanField()
    is_deleted = serializers.SerializerMethodField()

    def get_is_deleted(self, presented: PresentedMessage) -> bool:
        return presented.message.deleted_at is not None


class ConversationSerializer(serializers.Serializer[MemberConversation]):
    id = serializers.IntegerField(source="pk")
    url = serializers.CharField(source="get_absolute_url")
    is_group = serializers.BooleanField()
    name = serializers.CharField(help_text="Of the group, or of the other person.")
    people = AccountBriefSerializer(
        many=True, help_text="Everybody else; of a group in a list only some."
    )
    is_accepted = serializers.BooleanField()
    unread = serializers.IntegerField()
    last_message_at = serializers.DateTimeField(source="row.last_message_at", allow_null=True)


class MessagePageSerializer(serializers.Serializer[object]):
    """In the order they were written.

    Ask with `?before=` the `older` of this page for earlier ones.
    """

    older = serializers.IntegerField(allow_null=True)
    results = MessageSerializer(many=True)


class NewMessageSerializer(serializers.Serializer[Message]):
    """Words, pictures or a recording, at least one of them.

    JSON, or a form for the files of `images`.
    """

    text = LinesField(max_length=TEXT_MAX, allow_blank=True, default="")
    voice = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=ID_MAX)
    images = serializers.ListField(
        child=serializers.FileField(), required=False, max_length=LIMITS.post_images
    )
    alt = serializers.ListField(
        child=LinesField(max_length=ALT_CHARS, allow_blank=True),
        required=False,
        max_length=LIMITS.post_images,
    )
    token = serializers.RegexField(
        r"^[0-9A-Za-z-]{8,36}$",
        required=False,
        help_text="The caller's own name for it: a repeat is no second message.",
    )


class NewGroupSerializer(serializers.Serializer[object]):
    # Above the limits, as TEXT_MAX is: services/groups.py says the sentence.
    name = LineField(max_length=200)
    people = serializers.ListField(
        child=serializers.CharField(max_length=40), min_length=1, max_length=100
    )


class GroupNameSerializer(serializers.Serializer[object]):
    name = LineField(max_length=200)


class ReadSerializer(serializers.Serializer[object]):
    up_to = serializers.IntegerField(
        min_value=0, max_value=ID_MAX, help_text="Id of the last message that was seen."
    )


def conversation_or_404(request: Request, pk: int) -> MemberConversation:
    """Return a conversation. Raises NotFound for who is no member of it, staff too."""
    conversation = conversations.find(known_caller(request), pk) if pk < 2**63 else None
    if conversation is None:
        raise NotFound
    return conversation


def group_or_404(request: Request, pk: int) -> MemberConversation:
    conversation = conversation_or_404(request, pk)
    if not conversation.is_group:
        raise NotFound
    return conversation


def draft_in(request: Request) -> messaging.NewMessage:
    """Return what the body says. Raises ValidationError for what is no message at first sight."""
    form = NewMessageSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    wanted = form.validated_data
    images = pictures_of(wanted.get("images") or (), wanted.get("alt") or ())
    return messaging.NewMessage(
        wanted["text"], images, str(wanted.get("voice") or ""), wanted.get("token", "")
    )


def shown(messages: Sequence[Message], viewer: User) -> list[PresentedMessage]:
    return presented_message.present(list(messages), viewer)


def answer(message: Message, viewer: User) -> Response:
    fresh = Message.objects.select_related("sender", "about", "voice").get(pk=message.pk)
    return Response(
        MessageSerializer(shown([fresh], viewer)[0]).data, status=status.HTTP_201_CREATED
    )


class ConversationsView(APIView):
    @extend_schema(parameters=[_BOX], responses=ConversationSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The newest hundred."""
        box = (
            conversations.requests
            if request.query_params.get("box") == "requests"
            else conversations.inbox
        )
        return Response(
            [
                ConversationSerializer(conversation).data
                for conversation in box(known_caller(request))
            ]
        )

    @extend_schema(request=NewGroupSerializer, responses={201: ConversationSerializer})
    def post(self, request: Request) -> Response:
        """Make a group.

        A conversation of two begins with its first message, at `messages/to/{handle}/`.
        """
        count(request, "group")
        form = NewGroupSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        me = known_caller(request)
        people = named(me, form.validated_data["people"])
        group = groups.make(me, form.validated_data["name"], people)
        return Response(
            ConversationSerializer(conversation_or_404(request, group.pk)).data,
            status=status.HTTP_201_CREATED,
        )


def named(viewer: User, handles: Sequence[str]) -> list[User]:
    """Return the people with these handles whom the viewer may see.

    Raises ValidationError if one is missing.
    """
    found = recipients.named(viewer, handles)
    if len(found) < len({handle.lower().removeprefix("@") for handle in handles}):
        raise ValidationError("Somebody of these is not here.", code="unknown_person")
    return found


class ConversationView(APIView):
    @extend_schema(responses=ConversationSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ConversationSerializer(conversation_or_404(request, pk)).data)

    @extend_schema(request=GroupNameSerializer, responses=ConversationSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Give a group another name; for who made it."""
        form = GroupNameSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        groups.rename(
            known_caller(request),
            group_or_404(request, pk).row,
            form.validated_data["name"],
        )
        return Response(ConversationSerializer(conversation_or_404(request, pk)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Empty it for the caller; the others keep theirs."""
        conversations.delete_for_me(conversation_or_404(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AcceptView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: Request, pk: int) -> Response:
        """Let in a conversation that a stranger began. Who answers lets it in too."""
        conversations.accept(conversation_or_404(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConversationReadView(APIView):
    @extend_schema(request=ReadSerializer, responses={204: None})
    def put(self, request: Request, pk: int) -> Response:
        """Move the caller's read mark forward; it never moves back."""
        form = ReadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        conversation = conversation_or_404(request, pk)
        # A mark above the newest message would make those to come count as read.
        newest = conversation.last.pk if conversation.last else 0
        conversations.mark_read(conversation, min(form.validated_data["up_to"], newest))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MessagesView(APIView):
    @extend_schema(parameters=[_BEFORE, _AFTER], responses=MessagePageSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """A page of 40. Reading here leaves no read mark; see `read/`."""
        conversation = conversation_or_404(request, pk)
        before = parse_id(request.query_params.get("before", ""))
        since = parse_id(request.query_params.get("since", ""))
        found = conversations.messages_of(conversation, before=before, after=since)
        older = found[0].pk if len(found) == conversations.PAGE and since is None else None
        page = {"older": older, "results": shown(found, known_caller(request))}
        return Response(MessagePageSerializer(page).data)

    @extend_schema(request=NewMessageSerializer, responses={201: MessageSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Write in it."""
        count(request, "message")
        me, conversation = known_caller(request), conversation_or_404(request, pk)
        draft = draft_in(request)
        if conversation.other is None:
            return answer(messaging.send_to_group(me, conversation.row, draft), me)
        return answer(messaging.send(me, conversation.other, draft), me)


class MessageView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, message_pk: int) -> Response:
        """Take back one's own message for everybody, for half an hour."""
        me = known_caller(request)
        conversation_or_404(request, pk)
        rows = Message.objects.filter(conversation=pk).visible_to(me)
        message = rows.filter(pk=message_pk).first() if message_pk < 2**63 else None
        if message is None:
            raise NotFound
        messaging.take_back(me, message)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WriteToView(APIView):
    @extend_schema(request=NewMessageSerializer, responses={201: MessageSerializer})
    def post(self, request: Request, handle: str) -> Response:
        """Write to somebody; opens the conversation if there is none yet."""
        count(request, "message")
        me = known_caller(request)
        return answer(messaging.send(me, person_or_404(handle), draft_in(request)), me)


class GroupPersonView(APIView):
    """`PUT` adds the person to the group, `DELETE` removes them; for who made it.

    Oneself `DELETE` is leaving.
    """

    @extend_schema(request=None, responses={204: None})
    def put(self, request: Request, pk: int, handle: str) -> Response:
        count(request, "group")
        me, conversation = known_caller(request), group_or_404(request, pk)
        groups.add(me, conversation.row, [person_or_404(handle)])
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int, handle: str) -> Response:
        me, conversation, person = (
            known_caller(request),
            group_or_404(request, pk),
            person_or_404(handle),
        )
        if person.pk == me.pk:
            groups.leave(me, conversation.row)
        else:
            groups.remove(me, conversation.row, person)
        return Response(status=status.HTTP_204_NO_CONTENT)
