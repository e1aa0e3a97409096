"""The OpenAPI schema: what all operations of the REST API share."""

from typing import Any

TOO_OFTEN = "Too often."
WAIT = {
    "Retry-After": {"description": "Seconds until the next try.", "schema": {"type": "integer"}}
}


def describe_errors(
    result: dict[str, Any], generator: object, request: object, public: bool
) -> dict[str, Any]:
    """Add the error shape to every operation; a hook of drf-spectacular.

    Any: its documents are what JSON can hold.
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
