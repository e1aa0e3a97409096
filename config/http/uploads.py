"""Files as they come in by forms."""

import hashlib
from collections.abc import Callable

from django.core.files import uploadhandler
from django.http import HttpRequest, HttpResponse

from config import decoding_slots
from config.http import rate_limits

# Of a name, from its end: the file on disk is named after it, and four bytes a character must fit
# into the 255 of a name there.
NAME_CHARS = 50


class TemporaryFileUploadHandler(uploadhandler.TemporaryFileUploadHandler):
    """Large files go to disk, whatever the sender calls them."""

    # Any: Django's own signature.
    def new_file(self, field_name: str, file_name: str, *args: object, **kwargs: object) -> None:
        super().new_file(field_name, file_name[-NAME_CHARS:], *args, **kwargs)  # type: ignore[arg-type]


# What is smaller is read as fast as it is counted, and hardly holds a file.
SMALL_BYTES = 64 * 1024


class UploadRateMiddleware:
    """Counts forms with files before anybody reads them: the check against forgery does, and so
    before any view can count.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_upload(request):
            return self.get_response(request)
        who = _who_sends(request)
        if not rate_limits.hit("upload", who):
            return rate_limits.refusal(request, "upload", who)
        token = decoding_slots.asking.set(who)
        try:
            return self.get_response(request)
        finally:
            decoding_slots.asking.reset(token)


def _is_upload(request: HttpRequest) -> bool:
    if request.method == "GET" or request.content_type != "multipart/form-data":
        return False
    length = request.META.get("CONTENT_LENGTH") or ""
    # Without a length it may be anything.
    return not length.isdecimal() or int(length) > SMALL_BYTES


def _who_sends(request: HttpRequest) -> str:
    """Name the account, or the token of a program: one that is made up is refused before its files
    are read.
    """
    if rate_limits.has_token(request):
        token = request.headers["Authorization"].encode()
        return f"token:{hashlib.sha256(token).hexdigest()[:32]}"
    return rate_limits.who_asks(request)
