"""Write, edit and delete posts."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import pictures
from accounts.models import Notification, User
from accounts.notifications.notify import notify
from config.limits import LIMITS
from posts import live_updates
from posts import text as texts
from posts.models import Hashtag, Post, PostImage, PostVersion
from posts.services import polls, replies, voice


@dataclass(frozen=True)
class Picture:
    """A picture on its way into a post: what `accounts.pictures.reencode` made, and words for who
    cannot see it.
    """

    webp: bytes
    alt: str = ""


@transaction.atomic
def publish(
    author: User,
    text: str,
    *,
    reply_to: Post | None = None,
    quote_of: Post | None = None,
    images: Sequence[Picture] = (),
    voice_id: int | None = None,
    poll: polls.NewPoll | None = None,
    replies_from: str = Post.Replies.EVERYONE,
    created_at: datetime | None = None,
) -> Post:
    """Store a post and tell those it names, answers or quotes. `created_at` is for imports and demo
    content.

    `voice_id` is a clip of the author's that nobody used yet; `replies_from` counts where a
    conversation begins. Raises ValidationError for an empty or too long text (pictures and voice
    may stand without), too many pictures, or a bad recording or poll; PermissionError if `author`
    may not read what they answer or quote, quotes a protected account, or is not among those who
    may reply.
    """
    words = clean(text, may_be_empty=bool(images) or voice_id is not None)
    if len(images) > LIMITS.post_images:
        message = _("A post has at most %(max)d pictures.") % {"max": LIMITS.post_images}
        raise ValidationError(message, code="too_many")
    if (bool(images), voice_id is not None, poll is not None).count(True) > 1:
        raise ValidationError(
            _("A post has pictures, a recording or a poll, only one of them."), code="one_kind"
        )
    poll = polls.clean(poll) if poll else None
    reply_to = _answerable(author, reply_to) if reply_to else None
    quote_of = _quotable(author, quote_of) if quote_of else None
    post = Post.objects.create(
        author=author,
        text=words,
        created_at=created_at or timezone.now(),
        reply_to=reply_to,
        is_reply=reply_to is not None,
        root=replies.rule_of(reply_to) if reply_to else None,
        replies_from=Post.Replies.EVERYONE if reply_to else _rule(replies_from),
        quote_of=quote_of,
        is_quote=quote_of is not None,
        image_count=len(images),
        has_poll=poll is not None,
        voice=voice.claim(author, voice_id) if voice_id is not None else None,
    )
    _attach(post, images)
    if poll is not None:
        polls.attach(post, poll)
    _tag(post)
    if reply_to is not None:
        Post.objects.filter(pk=reply_to.pk).update(reply_count=F("reply_count") + 1)
    _tell(post)
    if created_at is None:
        live_updates.announce(post)
    return post


def clean(text: str, *, may_be_empty: bool = False) -> str:
    """Return `text` as it is stored: one kind of line end, no control characters, no blank ends.

    Raises ValidationError with code "empty" or "too_long"; length is in code points, as the
    composer counts.
    """
    words = without_controls(text)
    if not words and may_be_empty:
        return ""
    if not words:
        raise ValidationError(_("Write something first."), code="empty")
    if len(words) > LIMITS.post_chars:
        message = _("A post has at most %(max)d characters; this has %(length)d.")
        raise ValidationError(
            message % {"max": LIMITS.post_chars, "length": len(words)}, code="too_long"
        )
    return words


def without_controls(text: str) -> str:
    """Return `text` with one kind of line end and no control characters; empty if nothing can be
    seen of it.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    words = "".join(
        char for char in lines if char == "\n" or char.isprintable() or char in _JOINERS
    ).strip()
    return words if words.strip("".join(_JOINERS) + " \n") else ""


# Zero-width joiners hold emoji together and are needed in Persian and Indic scripts, though they
# are not printable. Direction overrides (U+202A-202E, U+2066-2069) stay out: they can make a link
# read like another one.
_JOINERS = frozenset("\u200c\u200d\u200e\u200f\u3000\u00a0\u2003\u2009\u202f")


def readable(author: User, post: Post) -> Post:
    """Return the post that is shown (of a repost, the original).

    Raises PermissionError if `author` may not read it.
    """
    original = post.repost_of or post
    if not Post.objects.visible_to(author).filter(pk=original.pk).exists():
        raise PermissionError("This post is not available to you.")
    return original


def _answerable(author: User, post: Post) -> Post:
    original = readable(author, post)
    if not replies.may_reply(author, original):
        raise PermissionError("Its author limits who may reply.")
    return original


def _rule(name: str) -> str:
    if name not in Post.Replies.values:
        raise ValidationError(_("Choose who may reply."), code="replies_from")
    return name


def _quotable(author: User, post: Post) -> Post:
    original = readable(author, post)
    if original.author.is_protected:
        raise PermissionError("Posts of protected accounts cannot be quoted.")
    return original


def _attach(post: Post, images: Sequence[Picture]) -> None:
    for position, picture in enumerate(images):
        width, height = pictures.size_of(picture.webp)
        image = PostImage(
            post=post, position=position, width=width, height=height, alt=picture.alt.strip()[:1000]
        )
        image.file.save(f"{secrets.token_urlsafe(16)}.webp", ContentFile(picture.webp))


def _tag(post: Post) -> None:
    """Write the hashtags of the text, in place of those of an earlier one."""
    Hashtag.objects.filter(post=post).delete()
    tags = texts.hashtags(post.text)
    Hashtag.objects.bulk_create(
        Hashtag(post=post, name=name, shown=shown, created_at=post.created_at)
        for name, shown in tags.items()
    )


def _tell(post: Post) -> None:
    """One alert each, the most telling: who is answered hears of the reply, not of being quoted or
    named in it too.
    """
    told: set[int] = set()
    for kind, ids in (
        (Notification.Kind.REPLY, {post.reply_to.author_id} if post.reply_to else set()),
        (Notification.Kind.QUOTE, {post.quote_of.author_id} if post.quote_of else set()),
        (Notification.Kind.MENTION, _named(post.text)),
    ):
        notify(_readers(post, ids - told), kind, post.author, ("post", post.pk), post.text)
        told |= ids


def _named(text: str) -> set[int]:
    handles = texts.mentions(text)
    return set(User.objects.named(handles).values_list("pk", flat=True)) if handles else set()


def _readers(post: Post, ids: set[int]) -> set[int]:
    """Leave out those who cannot read a protected author."""
    if not post.author.is_protected or not ids:
        return ids
    return set(
        post.author.follows_received.filter(follower__in=ids).values_list("follower_id", flat=True)
    )


def may_edit(actor: User, post: Post) -> bool:
    """True for its author, for half an hour (RULES §2)."""
    age = timezone.now() - post.created_at
    return (
        post.author_id == actor.pk
        and post.repost_of_id is None
        and age < timedelta(seconds=LIMITS.post_edit_s)
    )


@transaction.atomic
def edit(actor: User, post: Post, text: str) -> Post:
    """Change the words; the earlier ones stay readable. People named for the first time are told.

    Raises PermissionError when it is too late or not theirs, ValidationError as `publish` does.
    """
    if not may_edit(actor, post):
        raise PermissionError("A post can be edited by its author for a time.")
    words = clean(text, may_be_empty=post.image_count > 0 or post.voice_id is not None)
    if words == post.text:
        return post
    PostVersion.objects.create(post=post, text=post.text)
    named_before = _named(post.text)
    post.text, post.edited_at = words, timezone.now()
    post.save(update_fields=["text", "edited_at"])
    _tag(post)
    notify(
        _readers(post, _named(words) - named_before),
        Notification.Kind.MENTION,
        actor,
        ("post", post.pk),
        words,
    )
    return post


def detach(actor: User, post: Post) -> None:
    """Take one's own post out of somebody's quote of it. Raises PermissionError for others' posts."""
    if post.quote_of is None or post.quote_of.author_id != actor.pk:
        raise PermissionError("Only the quoted author can take a post out of a quote.")
    post.quote_of = None
    post.save(update_fields=["quote_of"])


@transaction.atomic
def delete(actor: User, post: Post) -> None:
    """Remove a post for good, with pictures, reposts, likes and tags; replies to it and quotes of
    it stay.

    Raises PermissionError for others' posts, except by staff.
    """
    if post.author_id != actor.pk and not actor.is_staff:
        raise PermissionError("Only its author can delete a post.")
    if post.reply_to_id:
        Post.objects.filter(pk=post.reply_to_id, reply_count__gt=0).update(
            reply_count=F("reply_count") - 1
        )
    if post.repost_of_id:
        Post.objects.filter(pk=post.repost_of_id, repost_count__gt=0).update(
            repost_count=F("repost_count") - 1
        )
    Notification.objects.filter(target_kind="post", target_id=post.pk).delete()
    post.delete()  # Its files go with it: posts/files.py.
