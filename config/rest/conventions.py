"""What all of the REST API shares: pages, errors and how the schema describes them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

CHECK_FIELDS = _("Please check the marked fields.")
TOO_OFTEN = "Too often."
WAIT = {
    "Retry-After": {"description": "Seconds until the next try.", "schema": {"type": "integer"}}
}


class CursorPages(CursorPagination):
    ordering = "-id"
    page_size_query_param = "limit"
    max_page_size = 100


# Any: REST framework's context.
def on_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return errors as `{"code", "message", "fields"?}`, like the sockets do; None for a fault of
    ours (500).
    """
    known = _known(exc)
    response = exception_handler(known, context)
    if response is not None and isinstance(known, exceptions.APIException):
        response.data = _body(known)
    return response


def _known(exc: Exception) -> Exception:
    """Translate what Django and our services raise into REST framework's own."""
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionError):  # Raised by services with a sentence for people.
        return exceptions.PermissionDenied(str(exc) or None, code="not_allowed")
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, ModelValidationError):
        return exceptions.ValidationError(_details(exc))
    return exc


def _details(
    exc: ModelValidationError,
) -> list[exceptions.ErrorDetail] | dict[str, list[exceptions.ErrorDetail]]:
    """Keep the codes; REST framework's own translation of a model's error drops them."""
    if hasattr(exc, "error_dict"):
        return {
            name: [_detail(error) for error in errors] for name, errors in exc.error_dict.items()
        }
    return [_detail(error) for error in exc.error_list]


def _detail(error: ModelValidationError) -> exceptions.ErrorDetail:
    return exceptions.ErrorDetail(error.messages[0], code=error.code or "invalid")


def _body(exc: exceptions.APIException) -> dict[str, object]:
    if isinstance(exc, exceptions.ValidationError):
        return _invalid(exc)
    detail = exc.detail
    code = detail.code if isinstance(detail, exceptions.ErrorDetail) else exc.default_code
    return {"code": code, "message": str(detail)}


def _invalid(exc: exceptions.ValidationError) -> dict[str, object]:
    """Name the fields. An error that is about none of them becomes the message, with its own code."""
    if not isinstance(exc.detail, dict):
        only = exc.detail[0]
        return {"code": getattr(only, "code", "invalid"), "message": str(only)}
    whole = exc.detail.get(api_settings.NON_FIELD_ERRORS_KEY)
    first = whole[0] if isinstance(whole, list) and whole else None
    code = getattr(first, "code", "invalid")
    return {"code": code, "message": str(first or CHECK_FIELDS), "fields": exc.detail}


def describe_errors(
    result: dict[str, Any], generator: object, request: object, public: bool
) -> dict[str, Any]:
    """Add the one error shape to every operation of the OpenAPI schema (a drf-spectacular hook;
    Any: its documents).
    """
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": {"type": "string", "description": "Stable; programs decide by it."},
            "message": {
                "type": "string",
                "description": "For people, in the language of the request.",
            },
            "fields": {
                "type": "object",
                "additionalProperties": True,
                "description": "What is wrong with which field.",
            },
        },
    }
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault(
                "4XX", {"description": "Refused.", "content": problem}
            )
            operation["responses"].setdefault(
                "429", {"description": TOO_OFTEN, "headers": WAIT, "content": problem}
            )
    return result
