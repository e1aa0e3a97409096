"""Direct messages: who may write to whom; send, share, take back."""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import pictures
from accounts.models import User
from accounts.services import relationships
from config.db import prepared
from config.db.counting import count_of
from config.limits import LIMITS
from config.text import lines
from posts.models import Conversation, Membership, Message, MessageImage, VoiceClip
from posts.models.attachment import ALT_CHARS
from posts.models.conversation import MESSAGE_CHARS
from posts.services import conversation_events, voice
from posts.services.posting import Picture

# A UUID; without crypto.randomUUID time and random digits (static/js/messages/send.js).
_TOKEN = re.compile(r"[0-9A-Za-z-]{8,36}\Z")


@dataclass(frozen=True)
class NewMessage:
    """A message on its way: words, pictures or a recording, at least one of them.

    `voice` is what the form's field says (posts/services/voice.py). `token` is the client's own
    name for the message: sent twice, because the first answer was lost, it is still one message.
    """

    text: str = ""
    images: Sequence[Picture] = ()
    voice: str = ""
    token: str = ""


@dataclass(frozen=True)
class ShareResult:
    """What came of a share with one person. `code` is "sent", or why not: "not_taking"."""

    person: User
    code: str

    @property
    def was_sent(self) -> bool:
        return self.code == "sent"


def may_write(sender: User, recipient: User) -> bool:
    """True unless a block, the recipient's setting or a suspension stands between (RULES §1)."""
    if sender.pk == recipient.pk or recipient.is_away:
        return False
    if relationships.is_block_between(sender.pk, recipient.pk):
        return False
    if recipient.direct_messages_from == User.DirectMessages.FOLLOWED:
        return relationships.does_follow(recipient.pk, sender.pk)
    return recipient.direct_messages_from == User.DirectMessages.EVERYONE


def offers(person: User, *, follows_viewer: bool) -> bool:
    """True if a profile that the viewer sees without a block offers to write; costs no query.

    False also where an older conversation may go on: that one is in the list of messages.
    """
    if person.direct_messages_from == User.DirectMessages.FOLLOWED:
        return follows_viewer
    return person.direct_messages_from == User.DirectMessages.EVERYONE


def may_go_on(sender: User, recipient: User) -> bool:
    """True also where the recipient has accepted this conversation, whatever they set since.

    Never across a block.
    """
    if may_write(sender, recipient):
        return True
    if recipient.is_away or relationships.is_block_between(sender.pk, recipient.pk):
        return False
    memberships = Membership.objects.filter(conversation__pair=pair_of(sender, recipient))
    return memberships.filter(user=recipient, is_accepted=True).exists()


def pair_of(one: User, other: User) -> str:
    """Return `Conversation.pair` of the two."""
    low, high = sorted((one.pk, other.pk))
    return f"{low}:{high}"


@transaction.atomic
def send(sender: User, recipient: User, content: str | NewMessage) -> Message:
    """Write to `recipient`, who finds it among their requests unless they follow the sender.

    Raises PermissionError if they may not be written to, ValidationError for nothing, too much, or
    a bad recording.
    """
    new = _clean(content)
    before = _sent_before(sender, new)
    if before:
        return before
    if not may_go_on(sender, recipient):
        raise PermissionError("This person does not take messages from you.")
    conversation, _created = Conversation.objects.get_or_create(pair=pair_of(sender, recipient))
    is_known = relationships.does_follow(recipient.pk, sender.pk)
    # The defaults are for a new row: what was let in once stays in, whomever they follow since.
    Membership.objects.get_or_create(
        conversation=conversation, user=recipient, defaults={"is_accepted": is_known}
    )
    return _write(conversation, sender, new)


@transaction.atomic
def send_to_group(sender: User, group: Conversation, content: str | NewMessage) -> Message:
    """Write to a group.

    Raises PermissionError for who is no member (any more), ValidationError as `send` does.
    """
    new = _clean(content)
    before = _sent_before(sender, new)
    if before:
        return before
    if not Membership.objects.filter(conversation=group, user=sender).exists():
        raise PermissionError("You are not in this group.")
    return _write(group, sender, new)


def _clean(content: str | NewMessage) -> NewMessage:
    """Return what is stored. Raises ValidationError for nothing and for too much."""
    new = NewMessage(content) if isinstance(content, str) else content
    text = lines(new.text)
    if not text and not new.images and not new.voice:
        raise ValidationError(_("Write something first."), code="empty")
    if len(text) > MESSAGE_CHARS:
        message = _("A message has at most %(max)d characters.") % {"max": MESSAGE_CHARS}
        raise ValidationError(message, code="too_long")
    if len(new.images) > LIMITS.post_images:
        message = _("A message has at most %(max)d pictures.") % {"max": LIMITS.post_images}
        raise ValidationError(message, code="too_many")
    # One of another form refuses nothing; the message is only not known again if it comes twice.
    token = new.token if _TOKEN.match(new.token) else ""
    return NewMessage(text, new.images, new.voice, token)


def _sent_before(sender: User, new: NewMessage) -> Message | None:
    if not new.token:
        return None
    return Message.objects.filter(sender=sender, token=new.token).first()


def _write(conversation: Conversation, sender: User, new: NewMessage) -> Message:
    clip: VoiceClip | None = voice.claimed(sender, new.voice)
    message = Message.objects.create(
        conversation=conversation,
        sender=sender,
        text=new.text,
        image_count=len(new.images),
        voice=clip,
        token=new.token or None,
    )
    for position, picture in enumerate(new.images):
        width, height = pictures.size_of(picture.webp)
        alt = lines(picture.alt)[:ALT_CHARS]
        image = MessageImage(
            message=message, position=position, width=width, height=height, alt=alt
        )
        image.is_moving = pictures.is_moving(picture.webp)
        image.file.save(f"{secrets.token_urlsafe(16)}.webp", ContentFile(picture.webp))
    Conversation.objects.filter(pk=conversation.pk).update(last_message_at=message.created_at)
    # A member who answers accepts the conversation, and has read what they answer.
    Membership.objects.update_or_create(
        conversation=conversation,
        user=sender,
        defaults={"is_accepted": True, "read_up_to": message.pk},
    )
    conversation_events.on_message(message)
    return message


def share(sender: User, recipients: Iterable[User], url: str, words: str = "") -> list[ShareResult]:
    """Send the whole address `url`, after `words`, to each of `recipients`; it becomes a card.

    Those whom the sender may not write to are left out, as the result says. Raises ValidationError
    for nobody, too many people or too many words; then nothing is sent.
    """
    people = {person.pk: person for person in recipients if person.pk != sender.pk}
    if not people:
        raise ValidationError(_("Choose somebody first."), code="nobody")
    if len(people) > LIMITS.share_people:
        message = _("Choose at most %(max)d people.") % {"max": LIMITS.share_people}
        raise ValidationError(message, code="too_many_people")
    new = _clean(f"{lines(words)}\n{url}")
    results = []
    for person in people.values():
        try:
            send(sender, person, new)
            results.append(ShareResult(person, "sent"))
        except PermissionError:
            results.append(ShareResult(person, "not_taking"))
    return results


def may_take_back(actor: User, message: Message) -> bool:
    """True for its sender, for half an hour; notes of what happened in a group stay."""
    if message.sender_id != actor.pk or message.event or message.deleted_at is not None:
        return False
    age = timezone.now() - message.created_at
    return age < timedelta(seconds=LIMITS.message_edit_s)


@transaction.atomic
def take_back(actor: User, message: Message) -> None:
    """Delete a message for everybody: words, pictures and recording. That there was one stays.

    Raises PermissionError when it is too late or not theirs.
    """
    if not may_take_back(actor, message):
        raise PermissionError("A message can be taken back by its sender for a time.")
    blank(message)


@transaction.atomic
def blank(message: Message) -> None:
    """Take all content out of a message, for everybody: by its sender or by a decision of staff."""
    clip = message.voice
    message.text = ""
    message.image_count = 0
    message.voice = None
    message.deleted_at = timezone.now()
    message.save(update_fields=["text", "image_count", "voice", "deleted_at"])
    for image in message.images.all():
        image.delete()  # One by one: the file goes with each (posts/files.py).
    if clip:
        # Only after the save: deleted before, it would take the message that names it along.
        clip.delete()
    conversation_events.on_taken_back(message)


def unread_count(viewer: User) -> int:
    """Return how many conversations have something new."""
    return prepared.fetch(unread, viewer)[0]


def unread(viewer: User) -> QuerySet[Message, int]:
    return count_of(Message.objects.unread_by(viewer), "conversation")
