"""What the open pages of a conversation's people hear at once: a message, a read mark, somebody
writing.
"""

from collections.abc import Mapping

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.extension_points.kinds import NotificationText
from accounts.models import Block, Delivery, Mute, User
from accounts.notifications import outbox
from accounts.notifications.outbox import NotificationEvent
from accounts.notifications.preferences import MESSAGE
from accounts.realtime import page_hints
from config.http.rate_limits import hit
from posts.models import Membership, Message


def on_message(message: Message) -> None:
    """Ring at every member who may see it; the sender's other tabs show it too."""
    people = _audience(message.conversation_id, message.sender_id)
    page_hints.tell(people, "message", conversation=message.conversation_id, id=message.pk)
    page_hints.recount(people, "messages")
    if not message.event:
        outbox.enqueue(
            _rung(message), NotificationEvent(MESSAGE, message.sender, (MESSAGE, message.pk))
        )


def _rung(message: Message) -> set[int]:
    """Return whose browsers ring: who has let the conversation in, and has not muted the sender
    (RULES §1: silent).
    """
    people = _audience(message.conversation_id, message.sender_id, is_accepted=True) - {
        message.sender_id
    }
    return people - set(
        Mute.objects.filter(muted=message.sender, muter__in=people).values_list(
            "muter_id", flat=True
        )
    )


def compose(delivery: Delivery) -> NotificationText | None:
    """Return how a browser shows a message; None once it is read, taken back or not for this person
    any more.
    """
    unread = Message.objects.unread_by(delivery.recipient).filter(pk=delivery.target_id or 0)
    found = unread.select_related("sender", "conversation", "voice").first()
    if found is None:
        return None
    words = found.text or (_("Voice message") if found.voice_id else _("Sent a picture"))
    group = found.conversation.name
    title = f"{found.sender.name} · {group}" if group else found.sender.name
    url = found.conversation.get_absolute_url()
    return NotificationText(title, words, url, f"conversation:{found.conversation_id}")


def on_taken_back(message: Message) -> None:
    people = _audience(message.conversation_id, message.sender_id)
    page_hints.tell(
        people, "message", conversation=message.conversation_id, id=message.pk, gone=True
    )
    page_hints.recount(people, "messages")


def on_read(mine: Membership, up_to: int) -> None:
    """The reader's other tabs lose their number; the others learn of it if the reader has let them
    in (RULES §2).
    """
    page_hints.recount([mine.user_id], "messages")
    if mine.is_accepted:
        others = _audience(mine.conversation_id, mine.user_id) - {mine.user_id}
        page_hints.tell(
            others, "read", conversation=mine.conversation_id, user=mine.user_id, up_to=up_to
        )


def on_changed(conversation_id: int, people: set[int]) -> None:
    """A group has another name, or other people:

    `people` are those to whom it is news, also who is no member now.
    """
    page_hints.tell(people, "conversation", conversation=conversation_id)
    page_hints.recount(people, "messages")


def on_typing(person: User, said: Mapping[str, object]) -> None:
    """A page says that its person is writing; only members who let the conversation in learn of it."""
    pk = said.get("conversation")
    if not isinstance(pk, int) or isinstance(pk, bool) or not 0 < pk < 2**63:
        return
    is_in = Membership.objects.filter(conversation=pk, user=person, is_accepted=True).exists()
    if not is_in or not hit("typing", f"user:{person.pk}"):
        return
    others = _audience(pk, person.pk, is_accepted=True) - {person.pk}
    page_hints.tell(others, "typing", conversation=pk, user=person.pk, name=person.name)


def _audience(conversation_id: int, actor_id: int, **which: bool) -> set[int]:
    """Return the active members, without those behind a block with the actor."""
    members = Membership.objects.filter(conversation=conversation_id, user__is_active=True, **which)
    ids = set(members.values_list("user_id", flat=True))
    walls = Block.objects.filter(
        Q(blocker=actor_id, blocked__in=ids) | Q(blocked=actor_id, blocker__in=ids)
    )
    behind = {pk for pair in walls.values_list("blocker_id", "blocked_id") for pk in pair}
    return (ids - behind) | ({actor_id} & ids)
