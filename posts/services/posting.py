"""Write and delete posts."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Notification, User
from accounts.services.notifying import notify
from config.limits import LIMITS
from posts import text as texts
from posts.models import Hashtag, Post


@transaction.atomic
def publish(author: User, text: str, *, reply_to: Post | None = None, created_at: datetime | None = None) -> Post:
    """Store a post and tell those it names or answers. `created_at` is for imports and demo content.

    Raises ValidationError for an empty or too long text, PermissionError if `author` may not answer `reply_to`.
    """
    words = clean(text)
    if reply_to is not None:
        reply_to = _answerable(author, reply_to)
    post = Post.objects.create(
        author=author,
        text=words,
        created_at=created_at or timezone.now(),
        reply_to=reply_to,
        is_reply=reply_to is not None,
    )
    tags = texts.hashtags(words)
    Hashtag.objects.bulk_create(Hashtag(post=post, name=name, created_at=post.created_at) for name in tags)
    if reply_to is not None:
        Post.objects.filter(pk=reply_to.pk).update(reply_count=F("reply_count") + 1)
    _tell(post, reply_to)
    return post


def clean(text: str) -> str:
    """Return `text` as it is stored: one kind of line end, no control characters, no blank ends.

    Raises ValidationError with code "empty" or "too_long"; length is in code points, as the composer counts.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    words = "".join(char for char in lines if char == "\n" or char.isprintable() or char in _JOINERS).strip()
    if not words.strip("".join(_JOINERS) + " \n"):
        raise ValidationError(_("Write something first."), code="empty")
    if len(words) > LIMITS.post_chars:
        message = _("A post has at most %(max)d characters; this has %(length)d.")
        raise ValidationError(message % {"max": LIMITS.post_chars, "length": len(words)}, code="too_long")
    return words


# Zero-width joiners hold emoji together and are needed in Persian and Indic scripts, though they are not printable.
# Direction overrides (U+202A-202E, U+2066-2069) stay out: they can make a link read like another one.
_JOINERS = frozenset("\u200c\u200d\u200e\u200f\u3000\u00a0\u2003\u2009\u202f")


def _answerable(author: User, post: Post) -> Post:
    original = post.repost_of or post
    if not Post.objects.visible_to(author).filter(pk=original.pk).exists():
        raise PermissionError("This post is not available to you.")
    return original


def _tell(post: Post, reply_to: Post | None) -> None:
    """Alerts for those who are named and may read the post; who is answered gets a reply, not a mention too."""
    answered = {reply_to.author_id} if reply_to else set()
    notify(_readers(post, answered), Notification.Kind.REPLY, post.author, ("post", post.pk))
    handles = texts.mentions(post.text)
    named = User.objects.named(handles).values_list("pk", flat=True) if handles else []
    notify(_readers(post, set(named) - answered), Notification.Kind.MENTION, post.author, ("post", post.pk))


def _readers(post: Post, ids: set[int]) -> set[int]:
    """Leave out those who cannot read a protected author."""
    if not post.author.is_protected or not ids:
        return ids
    return set(post.author.follows_received.filter(follower__in=ids).values_list("follower_id", flat=True))


@transaction.atomic
def delete(actor: User, post: Post) -> None:
    """Remove a post for good, with reposts, likes and tags; replies to it stay. Raises PermissionError for others'."""
    if post.author_id != actor.pk and not actor.is_staff:
        raise PermissionError("Only its author can delete a post.")
    if post.reply_to_id:
        Post.objects.filter(pk=post.reply_to_id, reply_count__gt=0).update(reply_count=F("reply_count") - 1)
    if post.repost_of_id:
        Post.objects.filter(pk=post.repost_of_id, repost_count__gt=0).update(repost_count=F("repost_count") - 1)
    Notification.objects.filter(target_kind="post", target_id=post.pk).delete()
    post.delete()
