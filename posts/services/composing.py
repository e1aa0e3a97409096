"""Publish what the composer sends: one post, or a thread whose posts answer each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from config.limits import LIMITS
from config.text import lines
from posts.models import Draft, Post
from posts.services import posting
from posts.services.polls import NewPoll
from posts.services.posting import Picture


@dataclass(frozen=True)
class Composed:
    """`texts` are the posts of a thread, one or more; all else belongs to the first of them."""

    texts: Sequence[str]
    reply_to: Post | None = None
    quote_of: Post | None = None
    images: Sequence[Picture] = ()
    voice_id: int | None = None
    poll: NewPoll | None = None
    replies_from: str = Post.Replies.EVERYONE
    draft_id: int | None = None


@transaction.atomic
def publish(author: User, composed: Composed) -> list[Post]:
    """Publish all or nothing, and drop the draft it came from.

    Returns the posts, first to last. Blank texts after the first are left out. Raises what
    `posting.publish` does.
    """
    following = [text for text in composed.texts[1:] if lines(text)]
    if 1 + len(following) > LIMITS.thread_posts:
        message = _("A thread has at most %(max)d posts.") % {"max": LIMITS.thread_posts}
        raise ValidationError(message, code="too_many_posts")
    first = posting.publish(
        author,
        composed.texts[0],
        reply_to=composed.reply_to,
        quote_of=composed.quote_of,
        images=composed.images,
        voice_id=composed.voice_id,
        poll=composed.poll,
        replies_from=composed.replies_from,
    )
    posts = [first]
    for text in following:
        posts.append(posting.publish(author, text, reply_to=posts[-1]))
    if composed.draft_id is not None:
        Draft.objects.filter(pk=composed.draft_id, author=author).delete()
    return posts
