"""Drafts: what a composer holds, put aside and taken up again, with pictures and recording."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from config.limits import LIMITS
from config.text import line, lines
from posts.models import Draft, Post
from posts.services import draft_media, voice
from posts.services.draft_media import DraftMedia

MOST_CHARS = 4 * LIMITS.post_chars  # Of each post: a draft may still be too long, but not a book.


@dataclass(frozen=True)
class ComposerFields:
    """The words and choices of a composer, unchecked but for their size."""

    texts: Sequence[str]
    options: Sequence[str] = ()
    lasts_s: int = 86400
    replies_from: str = Post.Replies.EVERYONE

    @property
    def is_blank(self) -> bool:
        return not any(map(lines, (*self.texts, *self.options)))


@transaction.atomic
def save(
    author: User,
    fields: ComposerFields,
    *,
    media: DraftMedia = draft_media.NOTHING,
    draft_id: int | None = None,
    reply_to: Post | None = None,
    quote_of: Post | None = None,
) -> Draft:
    """Store a draft, in place of `draft_id` if that is the author's.

    Raises ValidationError for an empty one, one that is far too long, one draft too many, too
    many pictures, and pictures and clips of others.
    """
    if fields.is_blank and media.is_empty:
        raise ValidationError(_("Write something first."), code="empty")
    texts = [lines(text) for text in fields.texts]
    if any(len(text) > MOST_CHARS for text in texts) or len(fields.texts) > LIMITS.thread_posts:
        raise ValidationError(_("This is too long to be kept."), code="too_long")
    draft_media.check_number(media)
    images = draft_media.kept_images(author, draft_id, media.kept)
    clip = draft_media.clip_of(author, media.voice_id)
    draft = Draft.objects.filter(pk=draft_id, author=author).first() if draft_id else None
    if draft is None:
        if Draft.objects.filter(author=author).count() >= LIMITS.drafts:
            message = _("You have %(max)d drafts. Delete one first.") % {"max": LIMITS.drafts}
            raise ValidationError(message, code="too_many")
        draft = Draft(author=author)
    options = fields.options[: LIMITS.poll_options]
    draft.fields = {
        "texts": texts,
        "options": [line(option)[: LIMITS.poll_option_chars] for option in options],
        "lasts_s": fields.lasts_s,
        "replies_from": fields.replies_from,
    }
    draft.reply_to = reply_to
    draft.quote_of = quote_of
    draft.voice = clip
    draft.save()
    draft_media.store(draft, media, images)
    return draft


def of(author: User) -> list[Draft]:
    """Return the author's drafts, newest first; there are at most LIMITS.drafts."""
    return list(_with_relations(author).order_by("-updated_at", "-id"))


def find(author: User, pk: int) -> Draft | None:
    return _with_relations(author).filter(pk=pk).first()


def _with_relations(author: User) -> QuerySet[Draft]:
    rows = Draft.objects.filter(author=author)
    rows = rows.select_related("reply_to__author", "quote_of__author", "voice")
    return rows.prefetch_related("images")


def fields_of(draft: Draft) -> ComposerFields:
    return ComposerFields(**draft.fields)


def delete(author: User, pk: int) -> bool:
    """Delete a draft with its pictures, and its clip if nothing else has it.

    False if the author has no such draft.
    """
    draft = Draft.objects.filter(author=author, pk=pk).first()
    if draft is None:
        return False
    clip = draft.voice_id
    # The draft first: `discard` leaves alone what a draft still has.
    draft.delete()
    if clip:
        voice.discard(author, clip)
    return True
