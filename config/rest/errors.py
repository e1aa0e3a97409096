"""Errors of the REST API: always `{"code", "message", "fields"?}`, like those of the sockets."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from config.cursors import BadCursor

CHECK_FIELDS = _("Please check the marked fields.")


# Any: REST framework's context.
def on_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to what a view raised; None for a fault of ours, which is a 500."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionError):  # Raised by services, with a sentence for people.
        exc = exceptions.PermissionDenied(str(exc) or None, code="not_allowed")
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, BadCursor):
        exc = exceptions.ParseError(str(exc), code=exc.code)
    elif isinstance(exc, ModelValidationError):
        exc = _with_codes(exc)
    response = exception_handler(exc, context)
    if response is None or not isinstance(exc, exceptions.APIException):
        return response
    if isinstance(exc, exceptions.ValidationError):
        response.data = _invalid(exc)
        return response
    detail = exc.detail
    code = detail.code if isinstance(detail, exceptions.ErrorDetail) else exc.default_code
    response.data = {"code": code, "message": str(detail)}
    return response


def _with_codes(exc: ModelValidationError) -> exceptions.ValidationError:
    """Keep the codes, which REST framework's own translation of a model's error drops."""

    def details(errors: list[ModelValidationError]) -> list[exceptions.ErrorDetail]:
        return [exceptions.ErrorDetail(e.messages[0], code=e.code or "invalid") for e in errors]

    if hasattr(exc, "error_dict"):
        by_field = {name: details(errors) for name, errors in exc.error_dict.items()}
        return exceptions.ValidationError(by_field)
    return exceptions.ValidationError(details(exc.error_list))


def _invalid(exc: exceptions.ValidationError) -> dict[str, object]:
    """Name the fields. An error that is about none of them becomes the message, with its code."""
    if not isinstance(exc.detail, dict):
        only = exc.detail[0]
        return {"code": getattr(only, "code", "invalid"), "message": str(only)}
    general = exc.detail.get(api_settings.NON_FIELD_ERRORS_KEY)
    first = general[0] if isinstance(general, list) and general else None
    code = getattr(first, "code", "invalid")
    return {"code": code, "message": str(first or CHECK_FIELDS), "fields": exc.detail}
