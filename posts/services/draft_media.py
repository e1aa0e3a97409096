"""The pictures and the recording of a draft: kept with it, handed to the post, swept when nothing
names them.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from accounts import pictures
from accounts.models import User
from config.limits import LIMITS
from posts import files
from posts.models import Draft, DraftImage, VoiceClip
from posts.models.attachment import ALT_CHARS
from posts.services import voice
from posts.services.posting import Picture

FOLDER = "drafts"


@dataclass(frozen=True)
class KeptImage:
    """A picture of the draft that stays, with the words it has now."""

    pk: int
    alt: str = ""


@dataclass(frozen=True)
class DraftMedia:
    """What a composer holds besides words: pictures the draft had, new ones behind them, a
    recording.
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

    Raises ValidationError if one is not of this draft of the author's.
    """
    wanted = {one.pk for one in kept}
    rows = (
        DraftImage.objects.filter(pk__in=wanted, draft=draft_id, draft__author=author)
        if wanted
        else ()
    )
    known = {image.pk: image for image in rows}
    if len(known) < len(kept):  # Named twice is refused, too.
        raise ValidationError(
            _("That picture is not there any more. Choose it again."), code="unknown_picture"
        )
    return known


def clip_of(author: User, pk: int | None) -> VoiceClip | None:
    """Return the recording that a draft may keep.

    Raises ValidationError for others', used and failed ones.
    """
    if pk is None:
        return None
    clip = (
        VoiceClip.objects.filter(pk=pk, owner=author, claimed_at=None)
        .exclude(state=VoiceClip.State.FAILED)
        .first()
    )
    if clip is None:
        raise voice.refusal("unavailable")
    return clip


def check_number(media: DraftMedia) -> None:
    if len(media.kept) + len(media.added) > LIMITS.post_images:
        message = _("A post has at most %(max)d pictures.") % {"max": LIMITS.post_images}
        raise ValidationError(message, code="too_many")


def store(draft: Draft, media: DraftMedia, known: dict[int, DraftImage]) -> None:
    """Give a saved draft exactly these pictures, in this order."""
    for gone in draft.images.exclude(pk__in=known):
        gone.delete()  # One by one: its file goes with it (posts/files.py).
    for position, one in enumerate(media.kept):
        DraftImage.objects.filter(pk=one.pk).update(
            position=position, alt=one.alt.strip()[:ALT_CHARS]
        )
    for position, picture in enumerate(media.added, start=len(media.kept)):
        width, height = pictures.size_of(picture.webp)
        alt = picture.alt.strip()[:ALT_CHARS]
        image = DraftImage(draft=draft, position=position, width=width, height=height, alt=alt)
        image.file.save(f"{secrets.token_urlsafe(16)}.webp", ContentFile(picture.webp))


def pictures_of(author: User, draft_id: int | None, kept: Sequence[KeptImage]) -> list[Picture]:
    """Return the pictures that stay, for a post.

    Raises ValidationError as `kept_images` does, and for a lost file.
    """
    known = kept_images(author, draft_id, kept)
    return [Picture(_bytes_of(known[one.pk]), one.alt) for one in kept]


def _bytes_of(image: DraftImage) -> bytes:
    try:
        with image.file.open() as file:
            return bytes(file.read())
    except OSError as error:
        said = _("That picture is not there any more. Choose it again.")
        raise ValidationError(said, code="unknown_picture") from error


def sweep_files() -> int:
    """Delete pictures that no draft names any more; return how many."""
    return files.sweep(FOLDER, DraftImage, "file")
