"""Messages as a kind of thing: how notifications, reports and exports speak of them."""

from accounts.extension_points.data_export import Export
from accounts.extension_points.kinds import (
    NO_EVIDENCE,
    Description,
    Evidence,
    Moderation,
    ThingKind,
)
from accounts.models import Decision, User
from posts import data_export
from posts.models import Message
from posts.services import conversation_events, messaging

MESSAGES_BEFORE = 5  # Kept as evidence with the reported one.


def describe(ids: set[int], viewer: User) -> dict[int, Description]:
    visible = Message.objects.filter(pk__in=ids, event="").visible_to(viewer)
    return {
        message.pk: Description(
            message.conversation.get_absolute_url(),
            f"@{message.sender.handle}: {message.text}",
        )
        for message in visible.select_related("conversation", "sender")
    }


def sender_of(pk: int) -> User | None:
    message = Message.objects.filter(pk=pk).select_related("sender").first()
    return message.sender if message else None


def evidence_of(pk: int) -> Evidence:
    """The message with a few before it, which the member who reports it has read, too."""
    message = Message.objects.filter(pk=pk).select_related("sender").first()
    if message is None:
        return NO_EVIDENCE
    before = Message.objects.filter(conversation=message.conversation_id, pk__lt=pk, event="")
    newest_first = before.select_related("sender").order_by("-pk")[:MESSAGES_BEFORE]
    lines = [f"@{earlier.sender.handle}: {earlier.text}" for earlier in newest_first]
    facts = {
        "sender": message.sender.handle,
        "text": message.text,
        "written": message.created_at.isoformat(),
        "before": lines[::-1],
        "voice": message.voice_id is not None,
    }
    return Evidence(facts, tuple(image.file for image in message.images.all()))


def remove(pk: int, staff: User) -> None:
    message = Message.objects.filter(pk=pk, deleted_at=None).first()
    if message is None:
        raise LookupError("The message is gone.")
    messaging.blank(message)


MESSAGE = ThingKind(
    "message",
    describe=describe,
    moderation=Moderation(sender_of, evidence_of, actions={Decision.Action.REMOVE: remove}),
    compose=conversation_events.compose,
    export=Export("messages", data_export.messages),
    link_cards=None,
)
