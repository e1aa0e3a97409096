"""What all of the REST API shares: pages and errors."""

from typing import Any

from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler


class CursorPages(CursorPagination):
    ordering = "-id"
    page_size_query_param = "limit"
    max_page_size = 100


def on_exception(exc: Exception, context: dict[str, Any]) -> Response | None:  # Any: REST framework's context.
    """Return errors as `{"code", "message", "fields"?}`, like the sockets do."""
    return exception_handler(exc, context)
