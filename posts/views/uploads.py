"""Pictures that a form brings, for a post or a message."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import pictures
from accounts.forms import picture_of
from config.limits import LIMITS
from posts.services.posting import Picture


def uploaded_pictures(request: HttpRequest) -> list[Picture]:
    """Read the uploads, each with the words at its place. Raises ValidationError with a sentence."""
    uploads, alts = request.FILES.getlist("images"), request.POST.getlist("alt")
    if len(uploads) > LIMITS.post_images:
        raise ValidationError(
            _("At most %(max)d pictures.") % {"max": LIMITS.post_images}, code="too_many"
        )
    alts += [""] * len(uploads)
    return [Picture(_reencoded(upload), alt) for upload, alt in zip(uploads, alts, strict=False)]


def _reencoded(upload: UploadedFile[Any]) -> bytes:  # Any: the stubs ask for it.
    webp = picture_of(upload, pictures.PHOTO)
    if webp is None:
        raise ValidationError(_("That picture is empty."), code="empty")
    return webp
