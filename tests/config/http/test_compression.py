"""Answers that the web compresses itself, and those that it must not."""

import gzip

import brotli
import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from config.http.compression import CompressionMiddleware, accepted

WORDS = "The river is high today. " * 100


def answer(path: str = "/", accept: str = "gzip, deflate, br", **headers: str) -> HttpResponse:
    request = RequestFactory().get(path, HTTP_ACCEPT_ENCODING=accept)
    response = CompressionMiddleware(lambda _: HttpResponse(WORDS, headers=headers))(request)
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.0", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_it_takes_the_best_that_a_browser_accepts(header: str, encoding: str) -> None:
    assert accepted(header) == encoding


def test_it_sends_the_same_words_by_brotli() -> None:
    response = answer()
    assert response["Content-Encoding"] == "br"
    assert brotli.decompress(response.content).decode() == WORDS
    assert response["Content-Length"] == str(len(response.content))
    assert response["Vary"] == "Accept-Encoding"


def test_it_sends_the_same_words_by_gzip() -> None:
    response = answer(accept="gzip")
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content).decode() == WORDS


def test_it_tells_caches_that_the_answer_depends_on_the_browser() -> None:
    response = answer(accept="")
    assert response.content.decode() == WORDS
    assert response["Vary"] == "Accept-Encoding"


def test_it_weakens_an_etag() -> None:
    assert answer(ETag='"1"')["ETag"] == 'W/"1"'


@pytest.mark.parametrize(
    "path",
    [
        "/account/2fa/recovery-codes/generate/",
        "/account/sessions/",
        "/settings/data/",
        "/unsubscribe/key/",
        "/api/v1/auth/token/",
        "/admin/",
    ],
)
def test_it_leaves_pages_with_secrets_as_they_are(path: str) -> None:
    assert "Content-Encoding" not in answer(path).headers


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "image/webp"}, {"Content-Encoding": "br"}, {"Content-Range": "bytes 0-9/99"}],
)
def test_it_leaves_what_is_small_already_or_a_part(headers: dict[str, str]) -> None:
    assert answer(**headers).content.decode() == WORDS


@pytest.mark.django_db
def test_it_compresses_a_page_whose_token_is_masked_anew_each_time() -> None:
    """Else a guess beside the token would shorten the page, which is how BREACH reads it."""
    client = Client(HTTP_ACCEPT_ENCODING="br")
    pages = [client.get("/account/login/") for _ in range(2)]
    assert [page["Content-Encoding"] for page in pages] == ["br", "br"]
    tokens = {
        brotli.decompress(page.content).split(b'csrfmiddlewaretoken" value="')[1][:64]
        for page in pages
    }
    assert len(tokens) == 2
