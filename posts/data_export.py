"""What a copy of somebody's data holds of posts, Fleets and messages; see
accounts/extension_points/data_export.py.
"""

from collections.abc import Iterator, Mapping

from django.db.models import Q

from accounts.extension_points.data_export import Media, Rows
from accounts.models import User
from posts.models import (
    Bookmark,
    Draft,
    DraftImage,
    Fleet,
    Like,
    Message,
    MessageImage,
    PollVote,
    Post,
    PostImage,
    VoiceClip,
)


def posts(person: User) -> Iterator[Rows | Media]:
    yield Rows("posts", (_post(post) for post in _own_posts(person).iterator(500)))
    yield Rows("likes", Like.objects.filter(user=person).values("post_id", "created_at").iterator())
    yield Rows(
        "bookmarks", Bookmark.objects.filter(user=person).values("post_id", "created_at").iterator()
    )
    yield Rows(
        "votes",
        PollVote.objects.filter(voter=person).values("poll__post_id", "option__text").iterator(),
    )
    yield Rows(
        "drafts", Draft.objects.filter(author=person).values("fields", "updated_at").iterator()
    )
    for waiting in DraftImage.objects.filter(draft__author=person).iterator(500):
        yield Media(f"drafts/{waiting.draft_id}-{waiting.position + 1}.webp", str(waiting.file))
    for image in PostImage.objects.filter(post__author=person).iterator(500):
        yield Media(f"pictures/{image.post_id}-{image.position + 1}.webp", str(image.file))
    mine = VoiceClip.objects.filter(
        Q(post__isnull=False) | Q(drafts__isnull=False), owner=person
    ).exclude(opus="")
    for clip in mine.distinct().iterator(500):
        yield Media(f"voice/{clip.pk}.ogg", str(clip.opus))


def _own_posts(person: User):  # type: ignore[no-untyped-def]  # A query set with a prefetch has no nameable type.
    return (
        Post.objects.filter(author=person)
        .order_by("id")
        .prefetch_related("versions", "poll__options")
    )


def _post(post: Post) -> Mapping[str, object]:
    poll = getattr(post, "poll", None)
    return {
        "id": post.pk,
        "url": post.get_absolute_url(),
        "created_at": post.created_at,
        "edited_at": post.edited_at,
        "text": post.text,
        "reply_to": post.reply_to_id,
        "quote_of": post.quote_of_id,
        "repost_of": post.repost_of_id,
        "voice": post.voice_id,
        "earlier": [
            {"text": one.text, "replaced_at": one.replaced_at} for one in post.versions.all()
        ],
        "poll": [option.text for option in poll.options.all()] if poll else None,
        "likes": post.like_count,
        "replies": post.reply_count,
        "reposts": post.repost_count,
    }


def fleets(person: User) -> Iterator[Rows | Media]:
    mine = Fleet.objects.filter(author=person)
    yield Rows(
        "fleets",
        mine.values("id", "text", "alt", "audience", "created_at", "expires_at").iterator(),
    )
    for fleet in mine.exclude(picture=""):
        yield Media(f"pictures/{fleet.pk}.webp", str(fleet.picture))


def messages(person: User) -> Iterator[Rows | Media]:
    """Everything the person can read in their conversations, and the files they sent themselves."""
    seen = Message.objects.visible_to(person).filter(deleted_at=None).order_by("conversation", "id")
    yield Rows(
        "messages",
        seen.values("id", "conversation_id", "sender__handle", "text", "created_at").iterator(),
    )
    for image in MessageImage.objects.filter(message__sender=person).iterator(500):
        yield Media(f"pictures/{image.message_id}-{image.pk}.webp", str(image.file))
    for clip in (
        VoiceClip.objects.filter(owner=person, message__isnull=False).exclude(opus="").iterator(500)
    ):
        yield Media(f"voice/{clip.pk}.ogg", str(clip.opus))
