"""Conversations found by their names, messages by their words: among what the lists show and the
viewer may read.
"""

from dataclasses import dataclass

from django.apps import AppConfig
from django.db.models import Q, QuerySet

from accounts.models import User
from config.db import full_text
from config.db.full_text import Index
from posts.models import Conversation, Membership, Message
from posts.services import conversations
from posts.services.conversations import MemberConversation
from posts.services.searching import PEOPLE

MESSAGES = Index("posts_message", ("text",))
PAGE = 20
MOST_CONVERSATIONS = 10
EXCERPT_CHARS = 160
BEFORE_HIT = 40  # Characters of an excerpt that stand before the first word found.


@dataclass(frozen=True)
class Hit:
    message: Message
    conversation: MemberConversation
    excerpt: str


@dataclass(frozen=True)
class Found:
    """`older`: the id to ask for the next page with, None on the last."""

    conversations: list[MemberConversation]
    hits: list[Hit]
    older: int | None


def keep_index(app: AppConfig) -> None:
    """Called once, when the app is ready."""
    full_text.keep(MESSAGES, app)


def find(viewer: User, query: str, before: int | None = None) -> Found:
    """Return what holds every word of `query`, the newest first; nothing without a word.

    Conversations stand on the first page alone.
    """
    terms = full_text.words(query)
    named = _named(viewer, terms) if before is None else []
    rows = _messages(viewer, terms, before)
    page = rows[:PAGE]
    sides = conversations.of_ids(viewer, {*named, *(message.conversation_id for message in page)})
    hits = [
        Hit(message, sides[message.conversation_id], excerpt(message.text, terms))
        for message in page
        if message.conversation_id in sides
    ]
    return Found(
        [sides[pk] for pk in named if pk in sides], hits, page[-1].pk if len(rows) > PAGE else None
    )


def _messages(viewer: User, terms: list[str], before: int | None) -> list[Message]:
    if not terms:
        return []
    found = full_text.matching(
        Message.objects.visible_to(viewer).filter(event="", deleted_at=None), MESSAGES, terms
    )
    found = found.filter(conversation__in=_open(viewer).values("conversation"))
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.select_related("sender", "about", "voice").order_by("-id")[: PAGE + 1])


def _open(viewer: User) -> QuerySet[Membership]:
    """What the lists show: not what is left of a conversation with somebody who is suspended."""
    gone = Q(memberships__user__is_active=False, pair__isnull=False)
    return conversations.listed_memberships(viewer).exclude(
        conversation__in=Conversation.objects.of(viewer).filter(gone)
    )


def _named(viewer: User, terms: list[str]) -> list[int]:
    """The ids of conversations in which each word is part of the group's name or of somebody's."""
    if not terms:
        return []
    found = Conversation.objects.filter(pk__in=_open(viewer).values("conversation"))
    for term in terms:
        people = full_text.matching(
            User.objects.visible_to(viewer).exclude(pk=viewer.pk), PEOPLE, [term.lstrip("@")]
        )
        found = found.filter(Q(name__icontains=term) | Q(memberships__user__in=people))
    newest = found.order_by("-last_message_at", "-pk").values_list("pk", flat=True).distinct()
    return list(newest[:MOST_CONVERSATIONS])


def excerpt(text: str, terms: list[str]) -> str:
    """Return the stretch of a long message in which the first of the words stands, on one line."""
    line = " ".join(text.split())
    lower = line.lower()
    places = [at for at in (lower.find(term.lower()) for term in terms) if at >= 0]
    start = max(0, min(places, default=0) - BEFORE_HIT)
    if len(line) <= EXCERPT_CHARS or start == 0:
        return line if len(line) <= EXCERPT_CHARS else f"{line[:EXCERPT_CHARS]}…"
    end = start + EXCERPT_CHARS
    return f"…{line[start:end]}{'…' if end < len(line) else ''}"
