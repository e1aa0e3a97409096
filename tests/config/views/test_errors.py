"""Errors in two voices: a page of the site for people, `{code, message}` under /api/."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from config.views import errors

handler400, handler403 = errors.bad_request, errors.permission_denied
handler404, handler500 = errors.page_not_found, errors.server_error

pytestmark = pytest.mark.django_db


def bad(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("a hidden reason")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("a hidden reason")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("a hidden reason")


urlpatterns = [
    path(f"api/{view.__name__}", view)  # The same three faults under the API.
    for view in (bad, forbidden, broken)
]


@pytest.fixture
def program() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("bad", 400, "bad_request"),
        ("forbidden", 403, "not_allowed"),
        ("missing", 404, "not_found"),
        ("broken", 500, "server_error"),
    ],
)
@override_settings(ROOT_URLCONF=__name__)
def test_it_answers_programs_with_a_code(
    program: Client, name: str, status: int, code: str
) -> None:
    answer = program.get(f"/api/{name}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "hidden reason" not in answer.text


@pytest.mark.parametrize(
    ("view", "status"),
    [(errors.bad_request, 400), (errors.permission_denied, 403), (errors.page_not_found, 404)],
)
def test_it_shows_people_a_page_of_the_site(
    client: Client, view: Callable[[HttpRequest, Exception], HttpResponse], status: int
) -> None:
    # One that went through the middleware, as in life.
    request = client.get("/healthz").wsgi_request
    answer = view(request, Exception("a hidden reason"))
    assert answer.status_code == status
    assert "site.css" in answer.text
    assert "hidden reason" not in answer.text


def test_it_shows_people_a_page_when_we_are_broken() -> None:
    answer = errors.server_error(RequestFactory().get("/"))
    assert (answer.status_code, "<html" in answer.text) == (500, True)


def test_it_explains_a_form_that_is_too_old(client: Client) -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "alice"})
    assert (answer.status_code, "csrf" in answer.text.lower()) == (403, False)


def test_it_shows_a_missing_page(client: Client) -> None:
    assert client.get("/no/such/page/anywhere/").status_code == 404
