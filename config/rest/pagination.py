"""Pages of the REST API."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """Newest first; they cost the same at any depth, and no row is shown twice."""

    ordering = "-id"
    page_size_query_param = "limit"
    max_page_size = 100
