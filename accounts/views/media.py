"""Avatars and headers. They are public like the names beside them; whatever else is in MEDIA_ROOT needs a view that
asks who looks."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe


@require_safe
def picture(request: HttpRequest, folder: str, name: str) -> HttpResponseBase:
    """`folder` is avatars or headers, `name` has no slash (see accounts/urls.py). Names change with the content."""
    try:
        file = default_storage.open(f"{folder}/{name}")
    except OSError as error:
        raise Http404("No such picture.") from error
    response = FileResponse(file, content_type="image/webp")
    patch_cache_control(response, public=True, max_age=365 * 24 * 3600, immutable=True)
    response["X-Content-Type-Options"] = "nosniff"
    return response
