"""What the copy of a user's data holds of posts, Fleets and messages.

See accounts/extension_points/data_export.py.
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

CHUNK = 500  # Rows in memory at once.


def posts(person: User) -> Iterator[Rows | Media]:
    own = Post.objects.filter(author=person).order_by("id")
    own_with_parts = own.prefetch_related("versions", "poll__options")
    yield Rows("posts", (_values_of(post) for post in own_with_parts.iterator(CHUNK)))
    likes = Like.objects.filter(user=person)
    yield Rows("likes", likes.values("post_id", "created_at").iterator())
    bookmarks = Bookmark.objects.filter(user=person)
    yield Rows("bookmarks", bookmarks.values("post_id", "created_at").iterator())
    votes = PollVote.objects.filter(voter=person)
    yield Rows("votes", votes.values("poll__post_id", "option__text").iterator())
    drafts = Draft.objects.filter(author=person)
    yield Rows("drafts", drafts.values("fields", "updated_at").iterator())
    for draft_image in DraftImage.objects.filter(draft__author=person).iterator(CHUNK):
        name = f"{draft_image.draft_id}-{draft_image.position + 1}.webp"
        yield Media(f"drafts/{name}", str(draft_image.file))
    for image in PostImage.objects.filter(post__author=person).iterator(CHUNK):
        yield Media(f"pictures/{image.post_id}-{image.position + 1}.webp", str(image.file))
    # Those of messages are among the messages. Distinct: several drafts may have one clip.
    is_used = Q(post__isnull=False) | Q(drafts__isnull=False)
    clips = VoiceClip.objects.filter(is_used, owner=person).exclude(opus="").distinct()
    for clip in clips.iterator(CHUNK):
        yield Media(f"voice/{clip.pk}.ogg", str(clip.opus))


def _values_of(post: Post) -> Mapping[str, object]:
    # Without a poll the other side of the one-to-one raises an AttributeError.
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
    own = Fleet.objects.filter(author=person)
    columns = ("id", "text", "alt", "audience", "created_at", "expires_at")
    yield Rows("fleets", own.values(*columns).iterator())
    for fleet in own.exclude(picture=""):
        yield Media(f"pictures/{fleet.pk}.webp", str(fleet.picture))


def messages(person: User) -> Iterator[Rows | Media]:
    """All messages that the user can read, and the files that they sent themselves."""
    readable = Message.objects.visible_to(person).filter(deleted_at=None)
    columns = ("id", "conversation_id", "sender__handle", "text", "created_at")
    yield Rows("messages", readable.order_by("conversation", "id").values(*columns).iterator())
    for image in MessageImage.objects.filter(message__sender=person).iterator(CHUNK):
        yield Media(f"pictures/{image.message_id}-{image.pk}.webp", str(image.file))
    clips = VoiceClip.objects.filter(owner=person, message__isnull=False).exclude(opus="")
    for clip in clips.iterator(CHUNK):
        yield Media(f"voice/{clip.pk}.ogg", str(clip.opus))
