"""Files too large to be read into memory: handed to the web server in front, or sent piece by
piece.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from config.http import byte_ranges

PIECE_BYTES = 256 * 1024


def send(
    request: HttpRequest, name: str, content_type: str, *, download_as: str = ""
) -> HttpResponseBase:
    """Answer with the file `name` below MEDIA_ROOT, or the part that was asked for. Raises
    FileNotFoundError.

    With ACCEL_REDIRECT nginx sends it, ranges too; the permission stays with the caller.
    """
    path = Path(settings.MEDIA_ROOT) / name
    size = path.stat().st_size
    response = (
        _accelerated(name, content_type)
        if settings.ACCEL_REDIRECT
        else _sent(request, path, size, content_type)
    )
    response["Cache-Control"] = "private, max-age=3600"
    if download_as:
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(download_as)}"
    return response


def _accelerated(name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content_type=content_type)
    response["X-Accel-Redirect"] = settings.ACCEL_REDIRECT + quote(name)
    return response


def _sent(request: HttpRequest, path: Path, size: int, content_type: str) -> HttpResponseBase:
    if "Range" in request.headers or size <= byte_ranges.PART_BYTES or request.method == "HEAD":
        with path.open("rb") as file:
            return byte_ranges.serve(request, file, size, content_type)
    response = StreamingHttpResponse(_pieces(path), content_type=content_type)
    response["Content-Length"] = str(size)
    response["Accept-Ranges"] = "bytes"
    return response


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    file = await sync_to_async(lambda: path.open("rb"))()
    try:
        while piece := await sync_to_async(file.read)(PIECE_BYTES):
            yield piece
    finally:
        await sync_to_async(file.close)()
