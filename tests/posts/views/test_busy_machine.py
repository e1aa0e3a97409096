"""A machine that is busy with pictures: 503 with a sentence and the words, for every way in."""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from limits import parse
from PIL import Image
from pytest_django import Settings

from accounts import pictures
from accounts.models import User
from config import decoding_slots
from config.http import rate_limits, uploads
from config.limits import LIMITS
from posts.models import VoiceClip
from posts.services import voice
from tests.accounts.people import browser_of, person
from tests.hostile.pictures import heavy_png


@pytest.fixture
def ayu(db: None) -> User:
    return person("ayu")


@pytest.fixture
def _busy(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    with ExitStack() as stack:
        for _ in range(LIMITS.decodings_at_once):
            stack.enter_context(decoding_slots.slot(0))
        monkeypatch.setattr(decoding_slots, "LIMITS", replace(LIMITS, decoding_wait_s=0))
        yield


def picture(name: str = "cat.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


WAYS = {
    "a profile": ("/settings/profile/", "avatar_file", {"display_name": "Ayu of Ubud"}),
    "its header": ("/settings/profile/", "header_file", {"display_name": "Ayu of Ubud"}),
    "a post": ("/posts/", "images", {"text": "Ayu of Ubud"}),
    "a Fleet": ("/fleets/new/", "picture", {"text": "Ayu of Ubud", "audience": "public"}),
}


@pytest.mark.usefixtures("_busy")
@pytest.mark.parametrize("way", WAYS)
def test_it_says_that_it_is_busy_and_keeps_the_words(ayu: User, way: str) -> None:
    path, field, words = WAYS[way]
    answer = browser_of(ayu).post(path, {**words, field: picture()})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    page = answer.content.decode()
    assert str(decoding_slots.BUSY) in page
    assert "Ayu of Ubud" in page
    assert "Files have to be chosen again." in page


API_WAYS = {
    "a post": ("/api/v1/posts/", {"text": "Hello", "images": picture}),
    "a Fleet": ("/api/v1/fleets/", {"text": "Hello", "picture": picture}),
    "a draft": ("/api/v1/drafts/", {"texts": "Hello", "images": picture}),
}


@pytest.mark.usefixtures("_busy")
@pytest.mark.parametrize("way", API_WAYS)
def test_it_says_so_to_programs(ayu: User, way: str) -> None:
    path, fields = API_WAYS[way]
    sent = {name: value() if callable(value) else value for name, value in fields.items()}
    answer = browser_of(ayu).post(path, sent)
    assert answer.status_code == 503, answer.content
    assert answer.json() == {"code": "unavailable", "message": str(decoding_slots.BUSY)}
    assert answer["Retry-After"] == "10"


@pytest.mark.usefixtures("_busy")
def test_it_leaves_a_recording_for_later(ayu: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posts.media.voice_encoder.WORKER_WAIT_S", 0)
    clip = VoiceClip(owner=ayu)
    clip.source.save("x.upload", io.BytesIO(b"OggS" + bytes(100)))  # type: ignore[arg-type]  # A file.
    assert voice.prepare(clip.pk) == "pending"
    clip.refresh_from_db()
    assert (clip.state, bool(clip.source)) == ("pending", True)


def test_it_counts_uploads_before_it_reads_them(ayu: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the check against forgery nor a decoder has seen a byte of what is refused."""
    decoded: list[object] = []
    monkeypatch.setattr(pictures, "reencode", lambda *args: decoded.append(args))
    monkeypatch.setitem(rate_limits.RATES, "upload", parse("3 per hour"))
    browser = browser_of(ayu)
    heavy = heavy_png(100) + bytes(uploads.SMALL_BYTES)

    def save(client: Client) -> tuple[int, bool]:
        form = {"avatar_file": SimpleUploadedFile("x.png", heavy), "display_name": "A"}
        answer = client.post("/settings/profile/", form)
        return answer.status_code, hasattr(answer.wsgi_request, "_post")

    amount = rate_limits.RATES["upload"].amount
    assert all(save(browser)[1] for _ in range(amount))
    assert save(browser) == (429, False)
    assert len(decoded) == amount
    for header in ("Token x", "Basic x", "y"):  # No header makes another person of one.
        form = {"avatar_file": SimpleUploadedFile("x.png", heavy), "display_name": "A"}
        disguised = browser.post("/settings/profile/", form, headers={"Authorization": header})
        assert disguised.status_code == 429
    other = browser_of(person("budi"))
    assert save(other)[1]  # Everybody has their own.
    visitor = Client()
    for _ in range(amount):
        save(visitor)
    assert save(visitor) == (429, False)
    assert visitor.post("/settings/profile/", {"display_name": "A"}).status_code == 302


def test_it_counts_programs_by_their_token(
    ayu: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rate_limits.RATES, "upload", parse("3 per hour"))
    heavy = bytes(uploads.SMALL_BYTES)

    def send() -> tuple[int, bytes, str]:
        form = {"text": "x", "images": SimpleUploadedFile("x.png", heavy)}
        answer = client.post("/api/v1/posts/", form, headers={"Authorization": "Token none"})
        return answer.status_code, answer.content, answer.headers.get("Retry-After", "")

    assert [send()[0] for _ in range(3)] == [401, 401, 401]
    status, body, retry_after = send()
    assert (status, json.loads(body)["code"]) == (429, "rate_limited")
    assert int(retry_after) > 0
