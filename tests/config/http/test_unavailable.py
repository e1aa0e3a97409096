"""The 503 of a part that is missing: for people, for scripts, for programs, and what was typed."""

import errno
from collections.abc import Callable, Iterator

import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.missing_parts import Unavailable
from config.views import errors

pytestmark = pytest.mark.django_db
handler500 = errors.server_error


def away(request: HttpRequest) -> HttpResponse:
    raise redis.ConnectionError("redis://secret@host:1 refused")


def full(request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, "No space left", "/secret/folder")


def busy(request: HttpRequest) -> HttpResponse:
    raise Unavailable("Too many pictures are being read right now.", retry_after_s=3)


class Program(APIView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> Response:
        raise redis.TimeoutError("Timeout")


urlpatterns = [
    path("away/", away),
    path("full/", full),
    path("busy/", busy),
    path("api/away/", Program.as_view()),
]


@pytest.fixture(autouse=True)
def _pages_that_fail() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.mark.parametrize(
    ("address", "sentence", "wait"),
    [
        ("/away/", "A part of this site is not answering right now.", "5"),
        ("/full/", "This site has no room left to store things right now.", "60"),
        ("/busy/", "Too many pictures are being read right now.", "3"),
    ],
)
def test_it_shows_people_a_page_with_a_sentence(
    client: Client, address: str, sentence: str, wait: str
) -> None:
    answer = client.get(f"{address}?page=2")
    assert (answer.status_code, answer["Retry-After"]) == (503, wait)
    assert sentence in answer.text
    assert f'href="{address}?page=2"' in answer.text, "The way to try again."
    assert "secret" not in answer.text
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"HX-Request": "true", "HX-Boosted": "true"},
        {"Sec-Fetch-Dest": "empty", "Accept": "*/*"},
        {"Accept": "application/json"},
    ],
)
def test_it_tells_scripts_a_code_and_the_sentence(client: Client, headers: dict[str, str]) -> None:
    answer = client.get("/away/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.json()["message"].startswith("A part of this site")


def test_it_tells_programs_the_same(client: Client) -> None:
    answer = client.get("/api/away/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"


def test_it_keeps_what_was_typed(client: Client) -> None:
    typed = {"text": "Good <b>evening</b>\nall", "audience": "everyone", "bio": "a & b"}
    page = client.post("/away/?next=/", typed).text
    assert 'action="/away/?next=/"' in page
    assert "Good &lt;b&gt;evening&lt;/b&gt;\nall</textarea>" in page
    assert "a &amp; b</textarea>" in page
    assert '<input type="hidden" name="audience" value="everyone">' in page


def test_it_asks_for_a_password_again_and_says_none(client: Client) -> None:
    page = client.post("/away/", {"login": "alice", "password": "correct horse"}).text
    assert "correct horse" not in page
    assert 'value="alice"' in page
    assert 'type="password"' in page


def test_it_says_that_files_must_be_chosen_again(client: Client) -> None:
    page = client.post("/away/", {"text": "a", "images": SimpleUploadedFile("a.png", b"png")}).text
    assert "Files have to be chosen again." in page
    assert "multipart/form-data" in page


def broken_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def fail(request: HttpRequest) -> HttpResponse:
        raise redis.ConnectionError("the session cannot be read")

    return fail


def test_it_answers_for_what_fails_before_any_view() -> None:
    with override_settings(MIDDLEWARE=[f"{__name__}.broken_middleware"]):
        answer = Client(raise_request_exception=False).get("/away/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
