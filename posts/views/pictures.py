"""A picture as a response; the views ask first whether the viewer may see it."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.utils.cache import patch_cache_control

# Long enough for scrolling back and forth, short enough that a picture goes when access goes.
CACHE_S = 300


def picture_response(file: FieldFile) -> FileResponse:
    """Raises Http404 if the file has gone."""
    try:
        response = FileResponse(file.open(), content_type="image/webp")
    except OSError as error:
        raise Http404("The file is gone.") from error
    patch_cache_control(response, private=True, max_age=CACHE_S)
    return response
