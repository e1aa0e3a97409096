"""Requests of odd bytes, in every part but JSON (tests/test_doors.py has each address)."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from accounts.models import User
from config.asgi import application
from config.http.well_formed import without_nul
from posts.models import Post
from tests.accounts.people import browser_of, person

pytestmark = pytest.mark.django_db
MULTIPART = "multipart/form-data; boundary=b"


@pytest.fixture
def maya() -> User:
    return person("maya")


@pytest.mark.parametrize(
    "path",
    [
        *("/%00/", "/@%00/", "/@maya%00/", "/media/avatars/%00", "/static/%00"),
        *("/spaces/of/%00/feed.xml", "/spaces/calendar/%00.ics", "/%ED%A0%80/", "/@%ff/"),
        *("/api/v1/accounts/%00/", "/api/v1/accounts/maya%00/", "/api/v1/%00", "/%2e%2e/%00"),
        "/posts/" + "9" * 5000 + "/",
    ],
)
def test_it_finds_nothing_at_an_address_of_odd_bytes(maya: User, path: str) -> None:
    answer = browser_of(maya).get(path)
    assert answer.status_code == 404
    if path.startswith("/api/"):
        assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("query", ["q=%00", "q=a%00b", "q=%ED%A0%80", "%00=%00", "q=%", "q=%ff"])
@pytest.mark.parametrize("path", ["/search/", "/api/v1/search/", "/spaces/", "/messages/search/"])
def test_it_reads_a_query_of_odd_bytes(maya: User, path: str, query: str) -> None:
    assert browser_of(maya).get(f"{path}?{query}").status_code in (200, 400)


def test_it_reads_nul_in_a_form_as_a_blank(maya: User) -> None:
    browser_of(maya).post("/posts/", {"text": "one\0two"})
    assert Post.objects.get().text == "one two"


def test_it_keeps_a_form_without_nul_as_it_is() -> None:
    form = QueryDict("a=1&a=2&b=")
    assert without_nul(form) is form
    assert dict(without_nul(QueryDict("a=1&a=%00&b=x")).lists()) == {"a": ["1", " "], "b": ["x"]}


@pytest.mark.parametrize("value", [r'"\000"', r'"\000\ud83d"', "é", '"', "a=b=c;;", "\xff" * 40])
@pytest.mark.parametrize("name", ["parley_session", "csrftoken", "django_language", "messages"])
def test_it_takes_a_cookie_of_odd_bytes_for_none(client: Client, name: str, value: str) -> None:
    assert client.get("/explore/", headers={"Cookie": f"{name}={value}"}).status_code == 200


@pytest.mark.parametrize("token", ["\xff", "\xff" * 64, "\0", "é", "a\0b", "x" * 9000])
def test_it_answers_401_to_a_token_of_odd_bytes(client: Client, token: str) -> None:
    answer = client.get("/api/v1/accounts/me/", headers={"Authorization": f"Token {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


@pytest.mark.parametrize("charset", ["hex", "rot13", "utf-7", "utf-16", "unicode_escape", "zip"])
@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", MULTIPART, "text/plain"]
)
@pytest.mark.parametrize("path", ["/posts/", "/api/v1/posts/", "/api/v1/auth/token/"])
def test_it_refuses_a_body_in_another_charset(
    maya: User, path: str, kind: str, charset: str
) -> None:
    content_type = f"{kind}; charset={charset}"
    answer = browser_of(maya).generic("POST", path, b"text=x", content_type)
    assert answer.status_code == 400
    if path.startswith("/api/"):
        assert json.loads(answer.content)["code"] == "bad_request"


@pytest.mark.parametrize("charset", ["hex", "rot13", "utf-16", "nope"])
def test_it_reads_an_address_whatever_charset_is_named(maya: User, charset: str) -> None:
    kind = f"text/plain; charset={charset}"
    assert browser_of(maya).generic("GET", "/search/?q=x", b"", kind).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b'--b\r\nContent-Disposition: form-data; name="\xff\0"\r\n\r\n\xed\xa0\x80\0\r\n--b--\r\n',
        b"--b\r\nContent-Disposition: form-data; name*=hex''zz; filename*=x''%ff\r\n\r\na\r\n--b--",
        b"--b\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64"
        b"\r\n\r\n\xff\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name=images; filename="\0"\r\n'
        b"Content-Type: image/png; charset=\0\r\n\r\n\0\r\n--b--\r\n",
    ],
)
@pytest.mark.parametrize("path", ["/posts/", "/api/v1/posts/", "/api/v1/voices/", "/fleets/new/"])
def test_it_answers_a_form_of_odd_bytes(maya: User, path: str, body: bytes) -> None:
    answer = browser_of(maya).generic("POST", path, body, MULTIPART)
    assert answer.status_code < 500


@pytest.mark.parametrize("name", ["a." + "x" * 300, "a." + "😀" * 200, "\0.png", "\x7f.png", "."])
@pytest.mark.parametrize("path", ["/posts/", "/api/v1/posts/", "/settings/profile/"])
def test_it_takes_a_large_file_of_any_name(maya: User, path: str, name: str) -> None:
    """A large one goes to disk under a name made of its own."""
    picture = SimpleUploadedFile("x.png", b"\x89PNG" + bytes(3_000_000), "image/png")
    picture._name = name  # type: ignore[attr-defined]  # Past what Django does to its own.
    answer = browser_of(maya).post(path, {"text": "x", "images": picture, "avatar": picture})
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "content_type",
    [
        b"text/plain; charset*=nope''x",
        b"text/plain; charset=a\0b",
        b"text/plain; charset*=hex''zz",
        b"application/json; \xff=\xff",
    ],
)
@pytest.mark.parametrize("path", ["/posts/", "/api/v1/posts/"])
def test_it_answers_400_to_a_content_type_that_is_none(path: str, content_type: bytes) -> None:
    status, body = asyncio.run(ask(path, [(b"content-type", content_type)]))
    assert 400 <= status < 500
    if path.startswith("/api/"):
        assert json.loads(body)["code"]


async def ask(path: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Ask as the web server does: Django's own client makes its requests another way."""
    scope = {
        **{"type": "http", "method": "POST", "path": path, "raw_path": path.encode()},
        **{"query_string": b"", "headers": [(b"host", b"localhost"), *headers]},
        **{"root_path": "", "scheme": "http", "http_version": "1.1"},
    }
    asked: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
    await asked.send_input({"type": "http.request", "body": b"{}"})
    start = await asked.receive_output(10)
    body = await asked.receive_output(10)
    return start["status"], body.get("body", b"")
