"""Search: conversations by the names in them, messages by their words."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from config.db import folding, full_text
from config.db.word_index import Index
from posts.models import Conversation, Membership, Message
from posts.services import conversations
from posts.services.conversations import MemberConversation
from posts.services.searching import PEOPLE

MESSAGES = Index("posts_message", ("text",))
GROUPS = Index("posts_conversation", ("name",), languages=(), by_beginnings=True)
PAGE = 20
MOST_CONVERSATIONS = 10
EXCERPT_CHARS = 160
BEFORE_HIT = 40  # Characters of an excerpt that stand before the first word found.


@dataclass(frozen=True)
class MessageHit:
    message: Message
    conversation: MemberConversation
    excerpt: str


@dataclass(frozen=True)
class MessageSearchResult:
    """`older`: the id to ask for the next page with, None on the last."""

    conversations: list[MemberConversation]
    hits: list[MessageHit]
    older: int | None


def keep_indexes() -> None:
    """Called once, when the app is ready."""
    full_text.keep(MESSAGES)
    full_text.keep(GROUPS)


def find(viewer: User, query: str, before: int | None = None) -> MessageSearchResult:
    """Return what holds every word of `query`, the newest first; nothing without a word.

    Only what the viewer's lists show is searched. Conversations stand on the first page alone.
    """
    terms = full_text.words(query)
    if not terms:
        return MessageSearchResult([], [], None)
    memberships = conversations.listed_memberships(viewer)
    named = _conversations_named(viewer, memberships, terms) if before is None else []
    # Neither what members did in a group nor what was taken back has words to find.
    readable = Message.objects.visible_to(viewer).filter(event="", deleted_at=None)
    found = full_text.matching(readable, MESSAGES, terms)
    found = found.filter(conversation__in=memberships.values("conversation"))
    if before is not None:
        found = found.filter(pk__lt=before)
    newest = found.select_related("sender", "about", "voice").order_by("-id")
    rows = list(newest[: PAGE + 1])
    page = rows[:PAGE]
    ids = {*named, *(message.conversation_id for message in page)}
    known = conversations.of_ids(viewer, ids)
    hits = [
        MessageHit(message, known[message.conversation_id], excerpt(message.text, terms))
        for message in page
        if message.conversation_id in known
    ]
    older = page[-1].pk if len(rows) > PAGE else None
    return MessageSearchResult([known[pk] for pk in named if pk in known], hits, older)


def _conversations_named(
    viewer: User, memberships: QuerySet[Membership], terms: list[str]
) -> list[int]:
    """Return ids of conversations where each term is in the group's or a member's name."""
    found = Conversation.objects.filter(pk__in=memberships.values("conversation"))
    others = User.objects.visible_to(viewer).exclude(pk=viewer.pk)
    for term in terms:
        people = full_text.matching(others, PEOPLE, [term])
        is_group = Q(pk__in=full_text.found_ids(GROUPS, [term]))
        found = found.filter(is_group | Q(memberships__user__in=people.values("pk")))
    newest = found.order_by("-last_message_at", "-pk").values_list("pk", flat=True).distinct()
    return list(newest[:MOST_CONVERSATIONS])


def excerpt(text: str, terms: list[str]) -> str:
    """Return the part of a long message where the first of the terms stands, on one line."""
    line = " ".join(text.split())
    if len(line) <= EXCERPT_CHARS:
        return line
    first = folding.place(line, terms)
    start = max(0, first - BEFORE_HIT)
    end = start + EXCERPT_CHARS
    before = "…" if start > 0 else ""
    after = "…" if end < len(line) else ""
    return f"{before}{line[start:end]}{after}"
