"""Puts the private conversations of the demo into the database; those that are there stay as they
are.
"""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from config.dev.demo.letters import CONVERSATIONS, DemoConversation
from posts.models import Conversation as Stored
from posts.models import Membership, Message
from posts.services import groups, messaging


def correspond(town: dict[str, User]) -> None:
    for talk in CONVERSATIONS:
        author, _minutes, text = talk.lines[0]
        if not Message.objects.filter(sender=town[author], text=text).exists():
            _write(town, talk)


def _write(town: dict[str, User], talk: DemoConversation) -> None:
    """Write one conversation; everybody in it has let it in."""
    people = [town[handle] for handle in talk.people.split()]
    group = groups.make(people[0], talk.name, people[1:]) if talk.name else None
    sent: list[Message] = []
    for handle, _minutes, text in talk.lines:
        author = town[handle]
        if group:
            sent.append(messaging.send_to_group(author, group, text))
        else:
            other = next(one for one in people if one.pk != author.pk)
            sent.append(messaging.send(author, other, text))
    for message, (_handle, minutes, _text) in zip(sent, talk.lines, strict=True):
        _put_back(Message.objects.filter(pk=message.pk), minutes)
    newest = sent[-1]
    notes = Message.objects.filter(conversation=newest.conversation_id).exclude(event="")
    _put_back(notes, talk.lines[0][1] + 1)
    newest.refresh_from_db()
    Stored.objects.filter(pk=newest.conversation_id).update(last_message_at=newest.created_at)
    members = Membership.objects.filter(conversation=newest.conversation_id)
    members.update(is_accepted=True)
    members.filter(user__handle__in=talk.read_by.split()).update(read_up_to=newest.pk)


def _put_back(messages: QuerySet[Message], minutes: int) -> None:
    """Services date what they write now; here it was said a while ago."""
    messages.update(created_at=timezone.now() - timedelta(minutes=minutes))
