"""Responses with a file: whole, or the part that a `Range` header asks for (RFC 9110 §14).

Players ask for parts to seek.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

# A response may be shorter than what was asked for; players then ask for the next part.
PART_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 256 * 1024  # Of a file that is too large to be read into memory.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


def send(
    request: HttpRequest, name: str, content_type: str, *, download_as: str = ""
) -> HttpResponseBase:
    """Answer with the file `name` below MEDIA_ROOT, of any size, or a part of it.

    With ACCEL_REDIRECT nginx sends it, ranges too; the permission stays with the caller. Raises
    FileNotFoundError.
    """
    path = Path(settings.MEDIA_ROOT) / name
    size = path.stat().st_size
    response: HttpResponseBase
    if settings.ACCEL_REDIRECT:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = settings.ACCEL_REDIRECT + quote(name)
    elif "Range" in request.headers or size <= PART_BYTES or request.method == "HEAD":
        with path.open("rb") as file:
            response = serve(request, file, size, content_type)
    else:
        response = StreamingHttpResponse(_chunks_of(path), content_type=content_type)
        response["Content-Length"] = str(size)
        response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=3600"
    if download_as:
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(download_as)}"
    return response


def let_group_read(folder: Path) -> None:
    """Open a folder below MEDIA_ROOT that a worker made, for nginx, which is in Parley's group.

    The umask shuts it: most that Parley writes is nobody else's.
    """
    root = Path(settings.MEDIA_ROOT)
    folder_mode = settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS
    above = [parent for parent in folder.parents if parent.is_relative_to(root)]
    for path in (*above, folder, *folder.rglob("*")):
        path.chmod(folder_mode if path.is_dir() else settings.FILE_UPLOAD_PERMISSIONS)


async def _chunks_of(path: Path) -> AsyncIterator[bytes]:
    # In threads: a slow disk must not hold up the event loop.
    file = await sync_to_async(lambda: path.open("rb"))()
    try:
        while chunk := await sync_to_async(file.read)(CHUNK_BYTES):
            yield chunk
    finally:
        await sync_to_async(file.close)()


def serve(request: HttpRequest, file: IO[bytes], size: int, content_type: str) -> HttpResponse:
    """Answer with an open file of `size` bytes, or a part of it.

    206 for one range, 416 for one outside the file; several ranges at once get the whole.
    """
    start, end = 0, size
    asked = _RANGE.match(request.headers.get("Range", ""))
    is_part = asked is not None and asked[0] != "bytes=-"
    if asked and is_part:
        first, last = asked[1], asked[2]
        if first:
            start = int(first)
            end = min(int(last) + 1, size) if last else size
        else:  # "-500" are the last 500 bytes.
            start = max(0, size - int(last))
        end = min(end, start + PART_BYTES)
        if start >= end:
            response = HttpResponse(status=416, content_type=content_type)
            response["Content-Range"] = f"bytes */{size}"
            return response
        file.seek(start)
    body = file.read(end - start) if request.method != "HEAD" else b""
    response = HttpResponse(body, content_type=content_type, status=206 if is_part else 200)
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = str(end - start)
    if is_part:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response
