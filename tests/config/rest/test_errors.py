"""The one shape of API errors, whoever raised them."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.core.management import call_command
from django.http import Http404
from django.test import Client
from django.urls import reverse
from rest_framework import exceptions

from config.rest.errors import on_exception

TOO_LONG = ModelValidationError("A post has at most 280 characters.", code="too_long")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.ParseError(), 400, "parse_error"),
        (PermissionDenied(), 403, "permission_denied"),
        (PermissionError("This account is not available to you."), 403, "not_allowed"),
        (exceptions.Throttled(3), 429, "throttled"),
        (TOO_LONG, 400, "too_long"),
        (exceptions.ValidationError("No.", code="odd"), 400, "odd"),
    ],
)
def test_it_gives_every_refusal_a_code_and_a_sentence(
    error: Exception, status: int, code: str
) -> None:
    answer = on_exception(error, {})
    assert answer is not None
    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert answer.data["message"].endswith((".", '"PUT" not allowed.', "seconds."))


def test_it_keeps_the_sentence_of_a_service() -> None:
    answer = on_exception(PermissionError("This account is not available to you."), {})
    assert answer is not None
    assert answer.data["message"] == "This account is not available to you."


def test_it_names_the_fields_that_are_wrong() -> None:
    answer = on_exception(exceptions.ValidationError({"title": ["Give it a title."]}), {})
    assert answer is not None
    assert answer.data == {
        "code": "invalid",
        "message": "Please check the marked fields.",
        "fields": {"title": ["Give it a title."]},
    }


def test_it_lets_faults_of_ours_be_faults() -> None:
    assert on_exception(ZeroDivisionError(), {}) is None


@pytest.fixture
def schema(client: Client, db: None) -> dict[str, Any]:  # Any: an OpenAPI document.
    found: dict[str, Any] = client.get(
        reverse("api-schema"), headers={"Accept": "application/json"}
    ).json()
    return found


def test_it_describes_the_error_shape_for_every_operation(schema: dict[str, Any]) -> None:
    assert schema["components"]["schemas"]["Problem"]["required"] == ["code", "message"]
    operations = [one for path in schema["paths"].values() for one in path.values()]
    assert all("4XX" in one["responses"] for one in operations)


def test_it_has_a_schema_without_guesses(tmp_path: Path) -> None:
    call_command(
        "spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml")
    )


def test_it_shows_the_documentation_without_an_account_and_without_other_sites(
    client: Client, db: None
) -> None:
    page = client.get(reverse("api-docs"))
    assert page.status_code == 200
    assert "//cdn" not in page.text


def test_it_says_not_found_under_the_api_in_the_same_shape(client: Client, db: None) -> None:
    answer = client.get("/api/v1/no-such-thing/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
