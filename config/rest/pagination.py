"""Pages of the REST API."""

from urllib.parse import parse_qs, urlsplit

from rest_framework import exceptions
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from config.cursors import BadCursor, parse_id


class CursorPages(CursorPagination):
    """Newest first; they cost the same at any depth, and no row is shown twice.

    `ordering` of a subclass names a column of positive whole numbers.
    """

    ordering = "-id"
    page_size_query_param = "limit"
    max_page_size = 100

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the cursor of the address, None for the first page.

        REST framework reads some of what it did not write as the first page, answers other such
        with 404, and fails in the database for a position that is no number. Raises BadCursor.
        """
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except exceptions.NotFound:
            raise BadCursor from None
        if cursor is None:
            return None
        parse_id(str(cursor.position or ""))
        ours = parse_qs(urlsplit(self.encode_cursor(cursor)).query, keep_blank_values=True)
        if ours[self.cursor_query_param] != [request.query_params[self.cursor_query_param]]:
            raise BadCursor
        return cursor
