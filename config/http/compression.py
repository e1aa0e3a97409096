"""Answers compressed by the web itself, for sites where nothing in front of it does.

What is not compressed, and why the rest may be (BREACH): decision 0043.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from typing import cast

import brotli
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

TEXT = re.compile(
    r"text/|application/(?:json|manifest\+json|javascript|xml|rss\+xml|atom\+xml|vnd\.oai)|image/svg"
)
FEWEST_BYTES = 500  # Below that an answer fits into one packet anyway.
MOST_BYTES = 2 * 1024 * 1024
# As small as the best level of gzip makes it, in half of the time.
BROTLI_QUALITY, GZIP_LEVEL = 4, 5
# Pages and answers that hold a secret which stays the same while somebody may ask again and again:
# keys of authenticators, tokens, recovery codes, addresses that are a key.
SECRET = re.compile(r"/(?:account/(?!login/|signup/)|(?:settings|unsubscribe|appeal|api/v1/auth)/)")


class CompressionMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not _may_be_compressed(request, response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        encoding = accepted(request.headers.get("Accept-Encoding", ""))
        return _compressed(response, encoding) if encoding else response


def accepted(header: str) -> str:
    """Return the best encoding that a browser takes: "br", "gzip" or "" (RFC 9110 §12.5.3)."""
    refused = re.findall(r"([\w*]+)\s*;\s*q=0(?:\.0*)?\s*(?:,|$)", header)
    named = set(re.findall(r"[\w*]+", re.sub(r";[^,]*", "", header))) - set(refused)
    return next((name for name in ("br", "gzip") if name in named), "")


def _may_be_compressed(request: HttpRequest, response: HttpResponseBase) -> bool:
    if request.method == "HEAD" or response.status_code not in {200, 404, 422}:
        return False
    if "Content-Encoding" in response.headers or "Content-Range" in response.headers:
        return False
    if not TEXT.match(response.get("Content-Type", "")) or _is_secret(request.path):
        return False
    if isinstance(response, FileResponse):  # Whitenoise's, in development; else it has compressed.
        size = int(response.get("Content-Length", "0"))
        return not settings.PRODUCTION and FEWEST_BYTES <= size <= MOST_BYTES
    if not isinstance(response, HttpResponse):
        return False
    return FEWEST_BYTES <= len(response.content) <= MOST_BYTES


def _is_secret(path: str) -> bool:
    return SECRET.match(path) is not None or path.startswith(f"/{settings.ADMIN_PATH.strip('/')}/")


def _compressed(response: HttpResponseBase, encoding: str) -> HttpResponseBase:
    if isinstance(response, FileResponse):
        # A file is read piece by piece in a thread: never an async iterator.
        whole = b"".join(cast(Iterator[bytes], response.streaming_content))
        plain = HttpResponse(whole, status=response.status_code, headers=dict(response.headers))
        response.close()
    else:
        assert isinstance(response, HttpResponse)
        plain = response
    plain.content = (
        brotli.compress(plain.content, quality=BROTLI_QUALITY)
        if encoding == "br"
        else gzip.compress(plain.content, GZIP_LEVEL, mtime=0)
    )
    plain["Content-Length"] = str(len(plain.content))
    plain["Content-Encoding"] = encoding
    etag = plain.get("ETag", "")
    if etag.startswith('"'):
        plain["ETag"] = f"W/{etag}"  # The same page in other bytes (RFC 9110 §8.8.1).
    return plain
