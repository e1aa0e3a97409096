"""A picture as a response; the views ask first whether the viewer may see it."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control

from accounts.pictures import still_of
from posts.models import MessageImage, PostImage

# Long enough for scrolling back and forth, short enough that a picture goes when access goes.
CACHE_S = 300


def asked_for(request: HttpRequest, image: PostImage | MessageImage) -> HttpResponseBase:
    """Return the picture; with `?still` one that moves stands still.

    Raises Http404 if the file has gone.
    """
    if "still" in request.GET and image.is_moving:
        response = still_response(image.file)
        patch_cache_control(response, private=True, max_age=CACHE_S)
        return response
    return picture_response(image.file)


def still_response(file: FieldFile) -> HttpResponse:
    """Raises Http404 if the file has gone."""
    try:
        with file.open() as opened:
            return HttpResponse(still_of(opened), content_type="image/webp")
    except OSError as error:
        raise Http404("The file is gone.") from error


def picture_response(file: FieldFile) -> FileResponse:
    """Raises Http404 if the file has gone."""
    response = file_response(file)
    patch_cache_control(response, private=True, max_age=CACHE_S)
    return response


def file_response(file: FieldFile) -> FileResponse:
    """Without a word about caches. Raises Http404 if the file has gone."""
    try:
        return FileResponse(file.open(), content_type="image/webp")
    except OSError as error:
        raise Http404("The file is gone.") from error
