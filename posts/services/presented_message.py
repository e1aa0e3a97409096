"""Messages as a page shows them: in runs of one sender, by days, with pictures and link cards."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from config.db import prepared
from config.text import isolated
from posts import link_cards, text
from posts.models import Message, MessageImage
from posts.services import mentions, messaging

GroupEvent = Message.GroupEvent


@dataclass(frozen=True)
class PresentedMessage:
    """One message with all that its template needs.

    `begins` and `ends` say where a run of messages of one sender does. `day` is set on the first
    message of a day. With a `note`, which says what a member did in a group, there is nothing else.
    """

    message: Message
    html: SafeString
    card: LinkCard | None
    images: list[MessageImage]
    is_mine: bool
    begins: bool
    ends: bool
    day: date | None
    note: str
    may_take_back: bool


def present(
    messages: list[Message], viewer: User, after: int | None = None
) -> list[PresentedMessage]:
    """Return `messages` as `viewer` sees them; the number of queries does not grow with them.

    `after` is the id of the message that stands above them already: its day needs no heading.
    """
    links = {message.pk: text.links(message.text) for message in messages}
    urls = {url for found in links.values() for url in found}
    cards = link_cards.resolve(urls, viewer)
    meant = mentions.meant_in(message.text for message in messages)
    with_images = [message.pk for message in messages if message.image_count]
    images: dict[int, list[MessageImage]] = defaultdict(list)
    if with_images:
        for image in prepared.fetch(_images, frozenset(with_images)):
            images[image.message_id].append(image)
    above = Message.objects.filter(pk=after).first() if after and messages else None
    previous_day = _day_of(above) if above else None
    previous: Message | None = None
    presented: list[PresentedMessage] = []
    for message, following in zip(messages, [*messages[1:], None], strict=False):
        day = _day_of(message)
        is_new_day = day != previous_day
        url = next((url for url in links[message.pk] if url in cards), "")
        one = PresentedMessage(
            message,
            text.render(message.text, meant.at(message.created_at), url),
            cards.get(url),
            images.get(message.pk, []),
            is_mine=message.sender_id == viewer.pk,
            begins=is_new_day or not _is_same_run(previous, message),
            ends=not _is_same_run(message, following),
            day=day if is_new_day else None,
            note=note_of(message, viewer),
            may_take_back=messaging.may_take_back(viewer, message),
        )
        presented.append(one)
        previous, previous_day = message, day
    return presented


def _images(messages: frozenset[int]) -> QuerySet[MessageImage]:
    return MessageImage.objects.filter(message__among=messages)


def _day_of(message: Message) -> date:
    """Return the day in the viewer's time zone, which the middleware has activated."""
    return timezone.localtime(message.created_at).date()


def _is_same_run(one: Message | None, other: Message | None) -> bool:
    if one is None or other is None or one.event or other.event:
        return False
    return one.sender_id == other.sender_id


def note_of(message: Message, viewer: User) -> str:
    """Return what a member did in the group, as a sentence; empty for a message with content."""
    if not message.event:
        return ""
    sentence = _NOTES[message.sender_id == viewer.pk, GroupEvent(message.event)]()
    other = message.about.name if message.about else _("somebody")
    if message.about_id == viewer.pk:
        other = _("you")
    return sentence % {"name": isolated(message.sender.name), "other": isolated(other)}


# Keyed by whether the viewer did it. Functions, so that each is said in the viewer's language.
_NOTES = {
    (True, GroupEvent.MADE): lambda: _("You made this group"),
    (False, GroupEvent.MADE): lambda: _("%(name)s made this group"),
    (True, GroupEvent.NAMED): lambda: _("You gave the group a new name"),
    (False, GroupEvent.NAMED): lambda: _("%(name)s gave the group a new name"),
    (True, GroupEvent.ADDED): lambda: _("You added %(other)s"),
    (False, GroupEvent.ADDED): lambda: _("%(name)s added %(other)s"),
    (True, GroupEvent.REMOVED): lambda: _("You removed %(other)s"),
    (False, GroupEvent.REMOVED): lambda: _("%(name)s removed %(other)s"),
    (True, GroupEvent.LEFT): lambda: _("You left"),
    (False, GroupEvent.LEFT): lambda: _("%(name)s left"),
}


def preview(message: Message, viewer: User, *, in_group: bool) -> str:
    """Return the one line that stands for a message in the list of conversations."""
    if message.event:
        return note_of(message, viewer)
    if message.deleted_at:
        content = _("Message deleted")
    elif message.text:
        content = message.text
    elif message.voice:
        minutes, seconds = divmod(message.voice.duration_s, 60)
        content = _("Voice message, %(time)s") % {"time": f"{minutes}:{seconds:02}"}
    else:
        content = _("Sent a picture") if message.image_count == 1 else _("Sent pictures")
    if message.sender_id == viewer.pk:
        return _("You: %(what)s") % {"what": content}
    return f"{message.sender.name}: {content}" if in_group else content
