"""The server's clock, told to every page: nobody's device decides what is over or still to come.

Pages read it in `static/js/net/server_clock.js`.
"""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "Server-Time"


def now_ms() -> int:
    """Return Unix time in milliseconds, as pages reckon."""
    return time.time_ns() // 1_000_000


class ServerTimeMiddleware:
    """Says with each answer when it was made; a document cannot read its own header and has the
    same in its head.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response[HEADER] = str(now_ms())
        return response
