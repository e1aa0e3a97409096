"""Messages as a page draws them: runs of one person, days, pictures, recordings, cards, notes of
what happened.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from posts import link_cards, text
from posts.models import Message, MessageImage
from posts.services import messaging

Event = Message.Event


@dataclass(frozen=True)
class PresentedMessage:
    """One message as it is drawn. `ends` closes a run of the same person; `day` is set where a new
    day begins.

    A `note` says what somebody did in a group; then there is nothing else.
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
    """Return `messages` ready to draw; the cards of all their links in one go.

    `after` is the message that already stands above them: its day needs no second heading.
    """
    links = {message.pk: text.links(message.text) for message in messages}
    found = link_cards.resolve({url for urls in links.values() for url in urls}, viewer)
    images = _images_of(messages)
    days = _new_days(messages, after)
    drawn: list[PresentedMessage] = []
    around = zip([None, *messages], messages, [*messages[1:], None], days, strict=False)
    for before, message, following, day in around:
        url = next((url for url in links[message.pk] if url in found), "")
        drawn.append(
            PresentedMessage(
                message,
                text.render(message.text, hidden_link=url),
                found.get(url),
                images.get(message.pk, []),
                is_mine=message.sender_id == viewer.pk,
                begins=day is not None or not _is_same_run(before, message),
                ends=not _is_same_run(message, following),
                day=day,
                note=note_of(message, viewer),
                may_take_back=messaging.may_take_back(viewer, message),
            )
        )
    return drawn


def _is_same_run(one: Message | None, other: Message | None) -> bool:
    return bool(
        one and other and one.sender_id == other.sender_id and not one.event and not other.event
    )


def _images_of(messages: Iterable[Message]) -> dict[int, list[MessageImage]]:
    ids = [message.pk for message in messages if message.image_count]
    found: dict[int, list[MessageImage]] = {}
    for image in MessageImage.objects.filter(message__in=ids) if ids else []:
        found.setdefault(image.message_id, []).append(image)
    return found


def _new_days(messages: list[Message], after: int | None) -> list[date | None]:
    """Return the day of each message that is the first of its day in the viewer's zone, None for
    the rest.
    """
    above = Message.objects.filter(pk=after).first() if after and messages else None
    before = timezone.localtime(above.created_at).date() if above else None
    days = [timezone.localtime(message.created_at).date() for message in messages]
    return [day if day != last else None for day, last in zip(days, [before, *days], strict=False)]


def note_of(message: Message, viewer: User) -> str:
    """Return what happened, as a sentence; empty for what somebody wrote."""
    if not message.event:
        return ""
    return _NOTES[message.sender_id == viewer.pk, Event(message.event)]() % {
        "name": message.sender.name,
        "other": _("you")
        if message.about_id == viewer.pk
        else message.about.name
        if message.about
        else _("somebody"),
    }


# Functions, so that each is said in the language of the viewer.
_NOTES = {
    (True, Event.MADE): lambda: _("You made this group"),
    (False, Event.MADE): lambda: _("%(name)s made this group"),
    (True, Event.NAMED): lambda: _("You gave the group a new name"),
    (False, Event.NAMED): lambda: _("%(name)s gave the group a new name"),
    (True, Event.ADDED): lambda: _("You added %(other)s"),
    (False, Event.ADDED): lambda: _("%(name)s added %(other)s"),
    (True, Event.REMOVED): lambda: _("You removed %(other)s"),
    (False, Event.REMOVED): lambda: _("%(name)s removed %(other)s"),
    (True, Event.LEFT): lambda: _("You left"),
    (False, Event.LEFT): lambda: _("%(name)s left"),
}


def preview(message: Message, viewer: User, *, in_group: bool) -> str:
    """Return the one line that stands for a message in a list."""
    if message.event:
        return note_of(message, viewer)
    what = _what(message)
    if message.sender_id == viewer.pk:
        return _("You: %(what)s") % {"what": what}
    return f"{message.sender.name}: {what}" if in_group else what


def _what(message: Message) -> str:
    if message.deleted_at:
        return _("Message deleted")
    if message.text:
        return message.text
    if message.voice:
        minutes, seconds = divmod(message.voice.duration_s, 60)
        return _("Voice message, %(time)s") % {"time": f"{minutes}:{seconds:02}"}
    return _("Sent a picture") if message.image_count == 1 else _("Sent pictures")
