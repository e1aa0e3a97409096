"""Pictures that a request brings, re-encoded like those of a page."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from accounts import pictures
from accounts.forms import picture_of
from posts.services.posting import Picture


# Any: the stubs ask for it.
def pictures_of(files: Sequence[UploadedFile[Any]], alts: Sequence[str]) -> list[Picture]:
    """Return the pictures, each with the words at its place.

    Raises ValidationError for what is none.
    """
    return [
        picture(file, alt) for file, alt in zip(files, [*alts, *[""] * len(files)], strict=False)
    ]


def picture(file: UploadedFile[Any], alt: str = "") -> Picture:  # Any: the stubs ask for it.
    webp = picture_of(file, pictures.PHOTO)
    if webp is None:
        raise ValidationError(_("That picture is empty."), code="empty")
    return Picture(webp, alt)
