"""The kinds of things that posts declares: posts, Fleets and messages."""

from accounts.extension_points.data_export import Export
from accounts.extension_points.kinds import (
    NO_EVIDENCE,
    Description,
    Evidence,
    LinkCards,
    Moderation,
    ThingKind,
)
from accounts.models import Decision, User
from posts import data_export
from posts.models import Fleet, Message, Post
from posts.services import conversation_events, fleet_replies, fleets, messaging, posting

MESSAGES_BEFORE = 5  # Kept as evidence with the reported one.

# --- posts ----------------------------------------------------------------------------------------


def _describe_posts(ids: set[int], viewer: User) -> dict[int, Description]:
    posts = Post.objects.filter(pk__in=ids).visible_to(viewer)
    return {post.pk: Description(post.get_absolute_url(), post.summary) for post in posts}


def _author_of_post(pk: int) -> User | None:
    post = Post.objects.filter(pk=pk).select_related("author").first()
    return post.author if post else None


def _evidence_of_post(pk: int) -> Evidence:
    post = Post.objects.filter(pk=pk).select_related("author", "reply_to__author").first()
    if post is None:
        return NO_EVIDENCE
    images = list(post.images.all())
    facts: dict[str, object] = {
        "author": post.author.handle,
        "text": post.text,
        "written": post.created_at.isoformat(),
        "earlier": [version.text for version in post.versions.all()[:10]],
        "descriptions": [image.alt for image in images if image.alt],
    }
    if post.reply_to:
        facts["answers"] = f"@{post.reply_to.author.handle}: {post.reply_to.text}"
    return Evidence(facts, tuple(image.file for image in images))


def _remove_post(pk: int, staff: User) -> None:
    post = Post.objects.filter(pk=pk).first()
    if post is None:
        raise LookupError("The post is gone.")
    posting.delete(staff, post)


POST = ThingKind(
    "post",
    describe=_describe_posts,
    moderation=Moderation(
        _author_of_post, _evidence_of_post, actions={Decision.Action.REMOVE: _remove_post}
    ),
    compose=None,
    export=Export("posts", data_export.posts),
    link_cards=None,
)

# --- Fleets ---------------------------------------------------------------------------------------


def _describe_fleets(ids: set[int], viewer: User) -> dict[int, Description]:
    visible = Fleet.objects.filter(pk__in=ids).visible_to(viewer)
    return {
        fleet.pk: Description(fleet.get_absolute_url(), f"{fleet.text} {fleet.alt}".strip())
        for fleet in visible
    }


def _author_of_fleet(pk: int) -> User | None:
    fleet = Fleet.objects.filter(pk=pk).select_related("author").first()
    return fleet.author if fleet else None


def _evidence_of_fleet(pk: int) -> Evidence:
    """Fleets end after a day, so the picture is copied too."""
    fleet = Fleet.objects.filter(pk=pk).select_related("author").first()
    if fleet is None:
        return NO_EVIDENCE
    facts = {
        "author": fleet.author.handle,
        "text": fleet.text,
        "description": fleet.alt,
        "audience": fleet.audience,
        "written": fleet.created_at.isoformat(),
    }
    return Evidence(facts, (fleet.picture,) if fleet.picture else ())


def _remove_fleet(pk: int, staff: User) -> None:
    fleet = Fleet.objects.filter(pk=pk).first()
    if fleet is None:
        raise LookupError("The Fleet is gone.")
    fleets.delete(staff, fleet)


FLEET = ThingKind(
    "fleet",
    describe=_describe_fleets,
    moderation=Moderation(
        _author_of_fleet, _evidence_of_fleet, actions={Decision.Action.REMOVE: _remove_fleet}
    ),
    compose=None,
    export=Export("fleets", data_export.fleets),
    link_cards=LinkCards(fleet_replies.PATTERN, fleet_replies.cards_of),
)

# --- messages -------------------------------------------------------------------------------------


def _describe_messages(ids: set[int], viewer: User) -> dict[int, Description]:
    visible = Message.objects.filter(pk__in=ids, event="").visible_to(viewer)
    return {
        message.pk: Description(
            message.conversation.get_absolute_url(),
            f"@{message.sender.handle}: {message.text}",
        )
        for message in visible.select_related("conversation", "sender")
    }


def _sender_of_message(pk: int) -> User | None:
    message = Message.objects.filter(pk=pk).select_related("sender").first()
    return message.sender if message else None


def _evidence_of_message(pk: int) -> Evidence:
    """The message with a few before it: one of those who read them has shown them to the staff."""
    message = Message.objects.filter(pk=pk).select_related("sender").first()
    if message is None:
        return NO_EVIDENCE
    before = Message.objects.filter(
        conversation=message.conversation_id, pk__lt=pk, event=""
    ).select_related("sender")
    newest_first = [
        f"@{earlier.sender.handle}: {earlier.text}"
        for earlier in before.order_by("-pk")[:MESSAGES_BEFORE]
    ]
    facts = {
        "sender": message.sender.handle,
        "text": message.text,
        "written": message.created_at.isoformat(),
        "before": newest_first[::-1],
        "voice": message.voice_id is not None,
    }
    return Evidence(facts, tuple(image.file for image in message.images.all()))


def _remove_message(pk: int, staff: User) -> None:
    message = Message.objects.filter(pk=pk, deleted_at=None).first()
    if message is None:
        raise LookupError("The message is gone.")
    messaging.blank(message)


MESSAGE = ThingKind(
    "message",
    describe=_describe_messages,
    moderation=Moderation(
        _sender_of_message, _evidence_of_message, actions={Decision.Action.REMOVE: _remove_message}
    ),
    compose=conversation_events.compose,
    export=Export("messages", data_export.messages),
    link_cards=None,
)
