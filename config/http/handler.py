"""The way from the web server into Django."""

from collections.abc import Mapping
from typing import IO, Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpResponseBase

from config.views import errors


class Handler(ASGIHandler):
    def create_request(
        self, scope: Mapping[str, Any], body_file: IO[bytes]
    ) -> tuple[ASGIRequest, None] | tuple[None, HttpResponseBase]:  # Any: Django's signature.
        """Answer 400 to headers that Django cannot read, of which it catches one kind alone."""
        try:
            return super().create_request(scope, body_file)
        except ValueError:
            return None, errors.unreadable(scope["path"])
