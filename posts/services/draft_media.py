"""The pictures and the recording of a draft: kept with it, and handed to the post."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from accounts import pictures
from accounts.models import User
from config import missing_parts
from config.limits import LIMITS
from config.text import lines
from posts import files
from posts.models import Draft, DraftImage, VoiceClip
from posts.models.attachment import ALT_CHARS
from posts.services import voice
from posts.services.posting import Picture

FOLDER = "drafts"


@dataclass(frozen=True)
class KeptImage:
    """A picture of the draft that stays, with the description it has now."""

    pk: int
    alt: str = ""


@dataclass(frozen=True)
class DraftMedia:
    """What a composer holds besides words.

    `kept` are pictures that the draft had already; `added` are new ones, which stand after them.
    """

    kept: Sequence[KeptImage] = ()
    added: Sequence[Picture] = ()
    voice_id: int | None = None

    @property
    def is_empty(self) -> bool:
        return not self.kept and not self.added and self.voice_id is None


NOTHING = DraftMedia()


def kept_images(
    author: User, draft_id: int | None, kept: Sequence[KeptImage]
) -> dict[int, DraftImage]:
    """Return the pictures that stay, by id.

    Raises ValidationError if one does not belong to this draft of the author's, or is named twice.
    """
    if not kept:
        return {}
    wanted = {one.pk for one in kept}
    rows = DraftImage.objects.filter(pk__in=wanted, draft=draft_id, draft__author=author)
    known = {image.pk: image for image in rows}
    if len(known) < len(kept):
        raise _unknown_picture()
    return known


def _unknown_picture() -> ValidationError:
    message = _("That picture is not there any more. Choose it again.")
    return ValidationError(message, code="unknown_picture")


def clip_of(author: User, pk: int | None) -> VoiceClip | None:
    """Return the voice clip that a draft may keep; None if `pk` is None.

    Raises ValidationError for somebody else's clip, a used one and a failed one.
    """
    if pk is None:
        return None
    free = VoiceClip.objects.filter(pk=pk, owner=author, claimed_at=None)
    clip = free.exclude(state=VoiceClip.State.FAILED).first()
    if clip is None:
        raise voice.refusal("unavailable")
    return clip


def check_number(media: DraftMedia) -> None:
    """Raises ValidationError for more pictures than a post may have."""
    if len(media.kept) + len(media.added) > LIMITS.post_images:
        message = _("A post has at most %(max)d pictures.") % {"max": LIMITS.post_images}
        raise ValidationError(message, code="too_many")


def store(draft: Draft, media: DraftMedia, known: dict[int, DraftImage]) -> None:
    """Give a saved draft exactly these pictures, in this order."""
    for image in draft.images.exclude(pk__in=known):
        image.delete()  # One by one: its file goes with it (posts/files.py).
    for position, kept in enumerate(media.kept):
        rows = DraftImage.objects.filter(pk=kept.pk)
        rows.update(position=position, alt=lines(kept.alt)[:ALT_CHARS])
    for position, picture in enumerate(media.added, start=len(media.kept)):
        width, height = pictures.size_of(picture.webp)
        alt = lines(picture.alt)[:ALT_CHARS]
        image = DraftImage(draft=draft, position=position, width=width, height=height, alt=alt)
        image.file.save(f"{secrets.token_urlsafe(16)}.webp", ContentFile(picture.webp))


def pictures_of(author: User, draft_id: int | None, kept: Sequence[KeptImage]) -> list[Picture]:
    """Return the pictures that stay, for a post.

    Raises ValidationError as `kept_images` does, and for a lost file.
    """
    known = kept_images(author, draft_id, kept)
    found = []
    for one in kept:
        try:
            with known[one.pk].file.open() as file:
                found.append(Picture(bytes(file.read()), one.alt))
        except OSError as error:
            if missing_parts.of(error):
                raise
            raise _unknown_picture() from error
    return found


def sweep_files() -> int:
    """Delete pictures that no draft names any more; return how many."""
    return files.sweep(FOLDER, DraftImage, "file")
