"""Answers to monitors before any rule for people: they come to a process's own port, by any name
and without TLS.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.views import health

ANSWERS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": health.alive,
    "/readyz": health.ready,
    "/metrics": health.metrics,
}


class MonitoringMiddleware:
    """Stands first. Who may read what is the views' own matter."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = ANSWERS.get(request.path, self.get_response)
        return answer(request)
