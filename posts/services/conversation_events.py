"""What open pages of a conversation's members hear: new messages, read marks, who is typing."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.extension_points.kinds import NotificationText
from accounts.models import Block, Delivery, Mute, User
from accounts.models.user import not_away
from accounts.notifications import outbox
from accounts.notifications.outbox import NotificationEvent
from accounts.notifications.preferences import MESSAGE
from accounts.realtime import page_hints
from accounts.realtime.messages import (
    ConversationHint,
    MessageHint,
    ReadHint,
    SayTyping,
    TypingHint,
)
from config.db import prepared
from config.http.rate_limits import hit
from posts.models import Membership, Message


def on_message(message: Message) -> None:
    """Tell the pages of every member who may see it, and send pushes.

    The sender is told as well: their other tabs show the message, too.
    """
    members = _audience(message.conversation_id, message.sender_id)
    page_hints.tell(members, MessageHint(message.conversation_id, message.pk))
    page_hints.recount(members, "messages")
    # What members do in a group shows on open pages; nobody gets a push for it.
    if message.event:
        return
    # Pushed only to who has let the conversation in and has not muted the sender (RULES §1).
    recipients = _audience(message.conversation_id, message.sender_id, is_accepted=True)
    recipients.discard(message.sender_id)
    mutes = Mute.objects.filter(muted=message.sender, muter__in=recipients)
    recipients.difference_update(mutes.values_list("muter_id", flat=True))
    outbox.enqueue(recipients, NotificationEvent(MESSAGE, message.sender, (MESSAGE, message.pk)))


def compose(delivery: Delivery) -> NotificationText | None:
    """Return the push for a message.

    None once the recipient has read it, may not see it any more, or the sender took it back.
    """
    unread = Message.objects.unread_by(delivery.recipient).filter(pk=delivery.target_id or 0)
    message = unread.select_related("sender", "conversation", "voice").first()
    if message is None:
        return None
    without_text = _("Voice message") if message.voice_id else _("Sent a picture")
    title = message.sender.name
    if message.conversation.name:
        title = f"{title} · {message.conversation.name}"
    return NotificationText(
        title,
        message.text or without_text,
        message.conversation.get_absolute_url(),
        # Messages of one conversation replace each other on the screen.
        f"conversation:{message.conversation_id}",
    )


def on_taken_back(message: Message) -> None:
    members = _audience(message.conversation_id, message.sender_id)
    page_hints.tell(members, MessageHint(message.conversation_id, message.pk, gone=True))
    page_hints.recount(members, "messages")
    pushed = Delivery.objects.filter(kind=MESSAGE, target_id=message.pk)
    outbox.enqueue_closing(pushed, ("conversation", message.conversation_id))


def on_read(membership: Membership, up_to: int) -> None:
    """Recount the unread of the reader's other tabs, and show the others the read mark.

    They see it only if the reader has accepted the conversation (RULES §2). `membership` is as it
    was before.
    """
    reader_id = membership.user_id
    page_hints.recount([reader_id], "messages")
    read = Message.objects.filter(
        conversation=membership.conversation_id, pk__gt=membership.read_up_to, pk__lte=up_to
    )
    pushed = Delivery.objects.filter(
        recipient=reader_id, kind=MESSAGE, target_id__in=read.values("pk")
    )
    outbox.enqueue_closing(pushed, ("conversation", membership.conversation_id))
    if membership.is_accepted:
        others = _audience(membership.conversation_id, reader_id) - {reader_id}
        page_hints.tell(others, ReadHint(membership.conversation_id, reader_id, up_to))


def on_changed(conversation_id: int, people: set[int]) -> None:
    """Tell `people`, who may be members no longer, that a group's name or members changed."""
    page_hints.tell(people, ConversationHint(conversation_id))
    page_hints.recount(people, "messages")


def on_typing(person: User, message: SayTyping) -> None:
    """Pass on that `person` is typing, to members who have accepted the conversation."""
    pk = message.conversation
    is_in = Membership.objects.filter(conversation=pk, user=person, is_accepted=True).exists()
    if not is_in or not hit("typing", f"user:{person.pk}"):
        return
    others = _audience(pk, person.pk, is_accepted=True) - {person.pk}
    page_hints.tell(others, TypingHint(pk, person.pk, person.name))


def audiences(
    acts: Collection[tuple[int, int]], members: QuerySet[Membership] | None = None
) -> dict[tuple[int, int], set[int]]:
    """Return who hears of what somebody does in a conversation: the ids of members who are not
    away and have no block between them and the actor, for each (conversation, actor).

    Of `members` alone, if they are given. Two queries, however many acts.
    """
    conversations, actors = {pk for pk, _ in acts}, {actor for _, actor in acts}
    rows = (Membership.objects.all() if members is None else members).filter(
        not_away("user"), conversation__in=conversations
    )
    found: dict[int, set[int]] = defaultdict(set)
    for conversation, user in rows.values_list("conversation_id", "user_id"):
        found[conversation].add(user)
    users = frozenset[int]().union(*found.values())
    hidden: dict[int, set[int]] = defaultdict(set)
    for blocker, blocked in prepared.fetch(_blocks, frozenset(actors), users):
        hidden[blocker].add(blocked)
        hidden[blocked].add(blocker)
    return {(pk, actor): found[pk] - hidden[actor] for pk, actor in acts}


def _blocks(actors: frozenset[int], users: frozenset[int]) -> QuerySet[Block, tuple[int, int]]:
    either_way = Q(blocker__among=actors, blocked__among=users)
    either_way |= Q(blocked__among=actors, blocker__among=users)
    return Block.objects.filter(either_way).values_list("blocker_id", "blocked_id")


def _audience(conversation_id: int, actor_id: int, **which: bool) -> set[int]:
    act = conversation_id, actor_id
    return audiences([act], Membership.objects.filter(**which))[act]
