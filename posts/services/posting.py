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
from accounts.models import Decision, Notification, User
from accounts.moderation import decisions
from accounts.notifications.notify import notify
from config.limits import LIMITS
from config.text import lines
from posts import live_updates
from posts.models import Post, PostImage, PostVersion
from posts.models.attachment import ALT_CHARS
from posts.services import hashtags, mentions, polls, replies, voice


@dataclass(frozen=True)
class Picture:
    """A picture on its way into a post.

    `webp` is what `accounts.pictures.reencode` made; `alt` describes it to those who cannot see it.
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
    """Store a post and notify those it names, answers or quotes.

    `voice_id` is a clip of the author's that is not used yet; `replies_from` counts where a
    conversation begins; `created_at` is for imports and demo content.

    Raises ValidationError for an empty or too long text (pictures and voice may stand without), too
    many pictures, or a bad recording or poll; PermissionError if `author` may not read what they
    answer or quote, quotes a protected account, or is not among those who may reply.
    """
    words = clean(text, may_be_empty=bool(images) or voice_id is not None)
    if len(images) > LIMITS.post_images:
        message = _("A post has at most %(max)d pictures.") % {"max": LIMITS.post_images}
        raise ValidationError(message, code="too_many")
    if [bool(images), voice_id is not None, poll is not None].count(True) > 1:
        message = _("A post has pictures, a recording or a poll, only one of them.")
        raise ValidationError(message, code="one_kind")
    poll = polls.clean(poll) if poll else None
    if reply_to:
        reply_to = readable(author, reply_to)
        if not replies.may_reply(author, reply_to):
            raise PermissionError("Its author limits who may reply.")
        replies_from = Post.Replies.EVERYONE  # The rule of the whole conversation stands in `root`.
    elif replies_from not in Post.Replies.values:
        raise ValidationError(_("Choose who may reply."), code="replies_from")
    if quote_of:
        quote_of = readable(author, quote_of)
        if quote_of.author.is_protected:
            raise PermissionError("Posts of protected accounts cannot be quoted.")
    post = Post.objects.create(
        author=author,
        text=words,
        created_at=created_at or timezone.now(),
        reply_to=reply_to,
        is_reply=reply_to is not None,
        root=replies.rule_of(reply_to) if reply_to else None,
        replies_from=replies_from,
        quote_of=quote_of,
        is_quote=quote_of is not None,
        image_count=len(images),
        has_poll=poll is not None,
        voice=voice.claim(author, voice_id) if voice_id is not None else None,
    )
    for position, picture in enumerate(images):
        width, height = pictures.size_of(picture.webp)
        alt = lines(picture.alt)[:ALT_CHARS]
        image = PostImage(post=post, position=position, width=width, height=height, alt=alt)
        image.is_moving = pictures.is_moving(picture.webp)
        image.file.save(f"{secrets.token_urlsafe(16)}.webp", ContentFile(picture.webp))
    if poll is not None:
        polls.attach(post, poll)
    hashtags.store(post)
    if reply_to is not None:
        Post.objects.filter(pk=reply_to.pk).update(reply_count=F("reply_count") + 1)
    _notify(post)
    # What is imported is not new to anybody whose page is open.
    if created_at is None:
        live_updates.announce(post)
    return post


def clean(text: str, *, may_be_empty: bool = False) -> str:
    """Return `text` as it is stored.

    Raises ValidationError with code "empty" or "too_long"; length is in code points, as the
    composer counts.
    """
    words = lines(text)
    if not words and may_be_empty:
        return ""
    if not words:
        raise ValidationError(_("Write something first."), code="empty")
    if len(words) > LIMITS.post_chars:
        message = _("A post has at most %(max)d characters; this has %(length)d.")
        values = {"max": LIMITS.post_chars, "length": len(words)}
        raise ValidationError(message % values, code="too_long")
    return words


def readable(author: User, post: Post) -> Post:
    """Return the post that is shown (of a repost, the original).

    Raises PermissionError if `author` may not read it.
    """
    original = post.repost_of or post
    if not Post.objects.visible_to(author).filter(pk=original.pk).exists():
        raise PermissionError("This post is not available to you.")
    return original


def _notify(post: Post) -> None:
    """Notify those the post answers, quotes and names, each of the first of these only."""
    answered = {post.reply_to.author_id} if post.reply_to else set()
    quoted = {post.quote_of.author_id} if post.quote_of else set()
    notified: set[int] = set()
    for kind, ids in (
        (Notification.Kind.REPLY, answered),
        (Notification.Kind.QUOTE, quoted),
        (Notification.Kind.MENTION, mentions.named_now(post.text)),
    ):
        notify(_readers(post, ids - notified), kind, post.author, ("post", post.pk), post.text)
        notified |= ids


def _readers(post: Post, ids: set[int]) -> set[int]:
    """Return those of `ids` who may read the post: of a protected author only the followers."""
    if not post.author.is_protected or not ids:
        return ids
    follows = post.author.follows_received.filter(follower__in=ids)
    return set(follows.values_list("follower_id", flat=True))


def may_edit(actor: User, post: Post) -> bool:
    """True for its author, for half an hour (RULES §2)."""
    if post.author_id != actor.pk or post.repost_of_id is not None:
        return False
    age = timezone.now() - post.created_at
    return age < timedelta(seconds=LIMITS.post_edit_s)


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
    # Who was named before has been told then.
    named_before = mentions.named_now(post.text)
    post.text = words
    post.edited_at = timezone.now()
    post.save(update_fields=["text", "edited_at"])
    hashtags.store(post)
    newly_named = _readers(post, mentions.named_now(words) - named_before)
    notify(newly_named, Notification.Kind.MENTION, actor, ("post", post.pk), words)
    return post


def detach(actor: User, post: Post) -> None:
    """Take the actor's own post out of a quote of it. Raises PermissionError for others' posts."""
    if post.quote_of is None or post.quote_of.author_id != actor.pk:
        raise PermissionError("Only the quoted author can take a post out of a quote.")
    # `is_quote` stays: the page says that a post was here.
    post.quote_of = None
    post.save(update_fields=["quote_of"])


@transaction.atomic
def delete(actor: User, post: Post) -> None:
    """Delete a post of the actor's. Staff delete others' too, which goes into the log.

    Raises PermissionError for others' posts.
    """
    if post.author_id != actor.pk:
        if not actor.acts_as_staff:
            raise PermissionError("Only its author can delete a post.")
        decisions.log_action(actor, Decision.Action.REMOVE, post.author, "post", post.pk, post.text)
    take_down(post)


@transaction.atomic
def take_down(post: Post) -> None:
    """Delete a post with its pictures, reposts, likes and tags; its replies and quotes stay.

    For those who may, and whose decision is in the log.
    """
    if post.reply_to_id:
        answered = Post.objects.filter(pk=post.reply_to_id, reply_count__gt=0)
        answered.update(reply_count=F("reply_count") - 1)
    if post.repost_of_id:
        original = Post.objects.filter(pk=post.repost_of_id, repost_count__gt=0)
        original.update(repost_count=F("repost_count") - 1)
    # They name the post by kind and number, so no foreign key takes them along.
    Notification.objects.filter(target_kind="post", target_id=post.pk).delete()
    post.delete()  # Its files go with it: posts/files.py.
