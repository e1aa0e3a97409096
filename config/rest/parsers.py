"""Bodies of the REST API: read to a bound, as UTF-8, and holding nothing that a database or an
encoder of ours cannot take.
"""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import parsers
from rest_framework.exceptions import APIException, ParseError

from config import json_reader
from config.http.well_formed import without_nul

# Any: REST framework's context.
Context = Mapping[str, Any] | None


class TooLarge(APIException):
    status_code = 413
    default_detail = _("This is too much at once.")
    default_code = "too_large"


class JsonParser(parsers.JSONParser):
    """JSON is UTF-8 whatever the header says (RFC 8259 §8.1)."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Context = None
    ) -> Any:  # Any: what JSON can hold, as REST framework has it.
        try:
            return json_reader.read(_body(stream))
        except json_reader.BadJson as error:
            raise ParseError(_("This is no JSON that can be read.")) from error


class FormParser(parsers.FormParser):
    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Context = None
    ) -> Any:  # Any: as above; the stubs have a type of their own for it.
        return without_nul(QueryDict(_body(stream)))


class MultiPartParser(parsers.MultiPartParser):
    """Django's own parser bounds it."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Context = None
    ) -> Any:  # Any: as above.
        parsed = super().parse(stream, media_type, parser_context)
        return parsers.DataAndFiles(without_nul(parsed.data), parsed.files)


def _body(stream: IO[bytes]) -> bytes:
    """Return the whole body. Raises TooLarge: the stream itself has no end of its own."""
    most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = stream.read(most + 1)
    if len(body) > most:
        raise TooLarge
    return body
