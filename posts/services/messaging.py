"""Direct messages: who may write to whom, send, read, accept, delete for oneself."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import Block, User
from accounts.services import relationships
from posts import cards, text
from posts.cards import Card
from posts.models import Conversation, Membership, Message
from posts.models.conversation import MESSAGE_CHARS
from posts.services.posting import without_controls

PAGE = 40
LISTED = 100  # Conversations in the list; older ones are found through the person's profile.


@dataclass(frozen=True)
class Side:
    """A conversation as one of its two people sees it."""

    conversation: Conversation
    mine: Membership
    theirs: Membership
    last: Message | None
    unread: int

    @property
    def other(self) -> User:
        return self.theirs.user


@dataclass(frozen=True)
class Bubble:
    """One message as it is drawn. `ends` closes a run of the same person; `day` is set where a new day begins."""

    message: Message
    html: SafeString
    card: Card | None
    is_mine: bool
    ends: bool
    day: date | None


def may_write(sender: User, recipient: User) -> bool:
    """True unless a block, the recipient's setting or a suspension stands between (RULES §1)."""
    if sender.pk == recipient.pk or not recipient.is_active:
        return False
    if relationships.is_block_between(sender.pk, recipient.pk):
        return False
    if recipient.direct_messages_from == User.DirectMessages.EVERYONE:
        return True
    if recipient.direct_messages_from == User.DirectMessages.FOLLOWED:
        return relationships.does_follow(recipient.pk, sender.pk)
    return False


def offers(person: User, *, follows_viewer: bool) -> bool:
    """Whether to put an envelope on a profile that the viewer sees without a block; costs no query.

    False also where an older conversation may go on: that one is in the list of messages.
    """
    if person.direct_messages_from == User.DirectMessages.FOLLOWED:
        return follows_viewer
    return person.direct_messages_from == User.DirectMessages.EVERYONE


def find(viewer: User, pk: int) -> Side | None:
    """Return the viewer's side of a conversation, or None if they are not in it."""
    return next(iter(_sides(Membership.objects.filter(user=viewer, conversation=pk))), None)


def between(viewer: User, other: User) -> Side | None:
    return next(iter(_sides(Membership.objects.filter(user=viewer, conversation__pair=_pair(viewer, other)))), None)


def _pair(one: User, other: User) -> str:
    low, high = sorted((one.pk, other.pk))
    return f"{low}:{high}"


@transaction.atomic
def send(sender: User, recipient: User, words: str) -> Message:
    """Write to `recipient`. Their box of requests gets it if they neither follow the sender nor answered before.

    Raises PermissionError if they may not be written to, ValidationError for an empty or too long text.
    """
    clean = without_controls(words)
    if not clean:
        raise ValidationError(_("Write something first."), code="empty")
    if len(clean) > MESSAGE_CHARS:
        raise ValidationError(_("A message has at most %(max)d characters.") % {"max": MESSAGE_CHARS}, code="too_long")
    if not may_go_on(sender, recipient):
        raise PermissionError("This person does not take messages from you.")
    conversation, _created = Conversation.objects.get_or_create(pair=_pair(sender, recipient))
    message = Message.objects.create(conversation=conversation, sender=sender, text=clean)
    Conversation.objects.filter(pk=conversation.pk).update(last_message_at=message.created_at)
    is_known = relationships.does_follow(recipient.pk, sender.pk)
    Membership.objects.get_or_create(conversation=conversation, user=recipient, defaults={"is_accepted": is_known})
    Membership.objects.update_or_create(  # Who answers has let the other in, and has read what they answer.
        conversation=conversation, user=sender, defaults={"is_accepted": True, "read_up_to": message.pk}
    )
    return message


def may_go_on(sender: User, recipient: User) -> bool:
    """Also true where the recipient has let this conversation in, whatever they set since; never across a block."""
    if may_write(sender, recipient):
        return True
    if not recipient.is_active or relationships.is_block_between(sender.pk, recipient.pk):
        return False
    pair = _pair(sender, recipient)
    return Membership.objects.filter(conversation__pair=pair, user=recipient, is_accepted=True).exists()


def inbox(viewer: User) -> list[Side]:
    """Conversations let in, the newest first."""
    return _listed(viewer, is_accepted=True)


def requests(viewer: User) -> list[Side]:
    """Conversations that strangers began and the viewer has not answered."""
    return _listed(viewer, is_accepted=False)


def _listed(viewer: User, *, is_accepted: bool) -> list[Side]:
    mine = Membership.objects.filter(user=viewer, is_accepted=is_accepted)
    behind_wall = Q(user__in=Block.objects.filter(blocker=viewer).values("blocked"))
    behind_wall |= Q(user__in=Block.objects.filter(blocked=viewer).values("blocker"))
    mine = mine.exclude(conversation__in=Membership.objects.filter(behind_wall).values("conversation"))
    sides = _sides(mine.order_by("-conversation__last_message_at")[:LISTED])
    return [side for side in sides if side.last and side.other.is_active]


def _sides(mine: QuerySet[Membership]) -> list[Side]:
    """Pair each membership with the other's, the newest message and what is unread; three queries for all."""
    own = Message.objects.filter(conversation=OuterRef("conversation"), pk__gt=OuterRef("begins_after"))
    unread = own.filter(pk__gt=OuterRef("read_up_to")).exclude(sender=OuterRef("user")).order_by()
    counted = unread.values("conversation").annotate(n=Count("pk")).values("n")
    rows = list(
        mine.select_related("conversation").annotate(
            last_id=Subquery(own.order_by("-id").values("pk")[:1]),
            unread=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        )
    )
    conversations = [row.conversation_id for row in rows]
    members = Membership.objects.filter(conversation__in=conversations).select_related("user")
    others = {one.conversation_id: one for one in members.exclude(pk__in=[row.pk for row in rows])}
    last = Message.objects.in_bulk([row.last_id for row in rows if row.last_id])
    return [
        Side(row.conversation, row, others[row.conversation_id], last.get(row.last_id or 0), row.unread) for row in rows
    ]


def messages_of(side: Side, before: int | None = None, after: int | None = None) -> list[Message]:
    """Return a page of messages in the order they were written: the newest, those before, or those after an id."""
    found = Message.objects.filter(conversation=side.conversation, pk__gt=side.mine.begins_after)
    if after is not None:
        return list(found.filter(pk__gt=after).order_by("id")[:PAGE])
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-id")[:PAGE])[::-1]


def bubbles(messages: list[Message], viewer: User, after: int | None = None) -> list[Bubble]:
    """Return `messages` ready to draw; the cards of all their links in one go.

    `after` is the message that already stands above them: its day needs no second heading.
    """
    links = {message.pk: text.links(message.text) for message in messages}
    found = cards.resolve({url for urls in links.values() for url in urls}, viewer)
    days = _new_days(messages, after)
    drawn: list[Bubble] = []
    for message, following, day in zip(messages, [*messages[1:], None], days, strict=False):
        url = next((url for url in links[message.pk] if url in found), "")
        html = text.render(message.text, hidden_link=url)
        ends = following is None or following.sender_id != message.sender_id
        drawn.append(Bubble(message, html, found.get(url), message.sender_id == viewer.pk, ends, day))
    return drawn


def _new_days(messages: list[Message], after: int | None) -> list[date | None]:
    """Return the day of each message that is the first of its day in the viewer's zone, None for the rest."""
    above = Message.objects.filter(pk=after).first() if after and messages else None
    before = timezone.localtime(above.created_at).date() if above else None
    days = [timezone.localtime(message.created_at).date() for message in messages]
    return [day if day != last else None for day, last in zip(days, [before, *days], strict=False)]


def was_read(side: Side) -> bool:
    """True if the newest message is the viewer's and the other has seen it; they tell by accepting (RULES §2)."""
    last = side.last
    return bool(last and last.sender_id == side.mine.user_id and side.theirs.read_up_to >= last.pk)


def mark_read(side: Side, up_to: int) -> None:
    """Move the viewer's mark forward, never back: two tabs may answer in any order."""
    Membership.objects.filter(pk=side.mine.pk, read_up_to__lt=up_to).update(read_up_to=up_to)


def unread_count(viewer: User) -> int:
    """How many conversations have something new."""
    return Message.objects.unread_by(viewer).values("conversation").distinct().count()


def accept(side: Side) -> None:
    Membership.objects.filter(pk=side.mine.pk).update(is_accepted=True)


def delete_for_me(side: Side) -> None:
    """Empty the conversation for the viewer; the other keeps theirs. A new message brings it back, as new."""
    newest = Message.objects.filter(conversation=side.conversation).order_by("-id").values_list("pk", flat=True).first()
    Membership.objects.filter(pk=side.mine.pk).update(begins_after=newest or 0, read_up_to=newest or 0)
