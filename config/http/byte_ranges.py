"""Files for players: whole, or the part that a `Range` header asks for (RFC 9110 §14), so that
people can seek.
"""

import re
from typing import IO

from django.http import HttpRequest, HttpResponse

# An answer may be shorter than what was asked for; players then ask for the next part.
PART_BYTES = 4 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


def serve(request: HttpRequest, file: IO[bytes], size: int, content_type: str) -> HttpResponse:
    """Answer with `file`, of `size` bytes. 206 for one range, 416 for one outside; several at once
    get the whole.
    """
    asked = _RANGE.match(request.headers.get("Range", ""))
    if asked is None or asked[0] == "bytes=-":
        return _answer(file.read() if request.method != "HEAD" else b"", size, content_type)
    part = _part(asked[1], asked[2], size)
    if part is None:
        response = HttpResponse(status=416, content_type=content_type)
        response["Content-Range"] = f"bytes */{size}"
        return response
    start, end = part
    file.seek(start)
    response = _answer(
        file.read(end - start) if request.method != "HEAD" else b"", end - start, content_type
    )
    response.status_code = 206
    response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _part(first: str, last: str, size: int) -> tuple[int, int] | None:
    """Return where the part begins and ends (exclusive), or None if it lies outside."""
    if not first:  # "-500": the last 500 bytes.
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
    end = min(end, start + PART_BYTES)
    return (start, end) if start < end else None


def _answer(body: bytes, length: int, content_type: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = str(length)
    return response
