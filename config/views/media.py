"""Pictures that everybody may see: avatars and headers. Nothing else of MEDIA_ROOT has an address
of its own.

Pictures of posts, voice clips and files of messages belong to their apps' views, which ask who is
looking. These two folders hold only what our own code re-encoded under a name nobody can guess, so
a name never changes its contents.
"""

from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

FOLDERS = ("avatars", "headers")
TYPES = {".webp": "image/webp", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_YEAR_S = 365 * 86400


@require_safe
@cache_control(public=True, max_age=_YEAR_S, immutable=True)
def public_picture(request: HttpRequest, folder: str, name: str) -> HttpResponse:
    """Send one picture. The URL pattern lets no `/` into `name`, so it cannot leave its folder."""
    content_type = TYPES.get(PurePosixPath(name).suffix.lower())
    if folder not in FOLDERS or content_type is None:
        raise Http404
    try:
        with default_storage.open(f"{folder}/{name}") as file:
            # Re-encoded, so never more than some 100 kB.
            return HttpResponse(file.read(), content_type=content_type)
    except OSError:
        raise Http404 from None
