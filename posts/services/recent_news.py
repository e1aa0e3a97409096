"""What pages should have heard lately of posts and conversations, as the database has it: for those
whose hint was lost on its way.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from accounts.models import Follow
from accounts.models.user import not_away
from accounts.realtime.messages import (
    ConversationHint,
    MessageHint,
    PostsHint,
    ReadHint,
)
from accounts.realtime.news import CountedFrom, News
from posts.models import Membership, Message, Post
from posts.services.conversation_events import audiences

# By id and not by time, which has no index. On a site with more in half a minute, what is lost
# beyond them shows with the next hint.
NEWEST = 300
EVENTS = Message.GroupEvent


def recent_news(users: Collection[int], since: datetime) -> Iterator[News]:
    """Yield, of `users` alone, whom something concerns, and what."""
    if users:
        yield from _of_posts(users, since)
        yield from _of_messages(users, since)
        yield from _of_memberships(users, since)


def _of_posts(users: Collection[int], since: datetime) -> Iterator[News]:
    newest = Post.objects.order_by("-pk").only("pk", "author_id", "created_at", "reply_to_id")
    recent = [post for post in newest[:NEWEST] if post.created_at >= since and not post.is_reply]
    if not recent:
        return
    authors = {post.author_id for post in recent}
    follows = Follow.objects.filter(not_away("follower"), follower__in=users, followed__in=authors)
    for follower, followed in follows.values_list("follower_id", "followed_id"):
        for post in recent:
            if post.author_id == followed:
                yield follower, PostsHint(post.pk)


def _of_messages(users: Collection[int], since: datetime) -> Iterator[News]:
    newest = Message.objects.order_by("-pk")[:NEWEST]
    recent = [message for message in newest if message.created_at >= since]
    taken_back = list(Message.objects.filter(deleted_at__gte=since)[:NEWEST])
    if not recent and not taken_back:
        return
    told = [*recent, *taken_back]
    members = audiences(
        {(message.conversation_id, message.sender_id) for message in told},
        Membership.objects.filter(user__in=users),
    )
    for message in told:
        hint = MessageHint(message.conversation_id, message.pk)
        if message.deleted_at is not None:
            hint = MessageHint(message.conversation_id, message.pk, gone=True)
        for user in members[message.conversation_id, message.sender_id]:
            yield user, hint
            yield user, CountedFrom("messages", hint)
            if message.event == EVENTS.NAMED:
                yield user, ConversationHint(message.conversation_id)
        # Members no longer, so they are told of the group alone.
        out = {EVENTS.LEFT: message.sender_id, EVENTS.REMOVED: message.about_id}.get(
            EVENTS(message.event) if message.event else EVENTS.MADE
        )
        if out is not None and out in users:
            yield out, ConversationHint(message.conversation_id)
            yield out, CountedFrom("messages", hint)


def _of_memberships(users: Collection[int], since: datetime) -> Iterator[News]:
    """Read marks, and what somebody did with a conversation in another tab."""
    changed = list(Membership.objects.filter(changed_at__gte=since)[:NEWEST])
    if not changed:
        return
    members = audiences(
        {(membership.conversation_id, membership.user_id) for membership in changed},
        Membership.objects.filter(user__in=users),
    )
    up_to = {membership.read_up_to for membership in changed}
    senders = dict(Message.objects.filter(pk__in=up_to).values_list("pk", "sender_id"))
    for membership in changed:
        reader = membership.user_id
        if reader in users:
            yield reader, CountedFrom("messages", (membership.pk, membership.changed_at))
        # Who has written since has read up to their own message, of which all were told.
        has_written = senders.get(membership.read_up_to) == reader
        if not membership.is_accepted or not membership.read_up_to or has_written:
            continue
        read = ReadHint(membership.conversation_id, reader, membership.read_up_to)
        for user in members[membership.conversation_id, reader] - {reader}:
            yield user, read
