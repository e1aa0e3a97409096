"""Pictures that a form brings, for a post or a message."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import pictures
from accounts.forms import picture_of
from config.limits import LIMITS
from posts.services.posting import Picture


def uploaded_pictures(request: HttpRequest) -> list[Picture]:
    """Return the uploads, re-encoded, each with the description at its place.

    Raises ValidationError with a sentence.
    """
    # Counted before any is re-encoded, which is what takes time.
    uploads = request.FILES.getlist("images")
    if len(uploads) > LIMITS.post_images:
        message = _("At most %(max)d pictures.") % {"max": LIMITS.post_images}
        raise ValidationError(message, code="too_many")
    alts = request.POST.getlist("alt")
    alts += [""] * len(uploads)
    found = []
    for upload, alt in zip(uploads, alts, strict=False):
        webp = picture_of(upload, pictures.PHOTO)
        if webp is None:
            raise ValidationError(_("That picture is empty."), code="empty")
        found.append(Picture(webp, alt))
    return found
