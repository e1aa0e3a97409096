"""Recordings over HTTP: uploaded by a script, played in parts, to the right people only."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from config.celery import app
from config.limits import LIMITS
from posts.models import Post, VoiceClip
from posts.services import posting, voice
from tests.accounts.people import HTMX, add_second_factor, browser_of, make_follow, person
from tests.posts.sounds import SPEECH


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "send_task", lambda *_args, **_options: None)


def recording(data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(
        "recording", SPEECH.read_bytes() if data is None else data, "audio/webm"
    )


def uploaded(browser: Client, *, is_ready: bool = True) -> VoiceClip:
    clip = VoiceClip.objects.get(
        pk=browser.post("/posts/voice/", {"clip": recording()}).json()["id"]
    )
    if is_ready:
        voice.prepare(clip.pk)
    clip.refresh_from_db()
    return clip


def posted(author: User) -> VoiceClip:
    browser = browser_of(author)
    clip = uploaded(browser)
    assert browser.post("/posts/", {"text": "", "voice": clip.pk}, headers=HTMX).status_code == 200
    return clip


def test_it_takes_a_recording_and_tells_its_owner_how_it_goes(maya: User, noor: User) -> None:
    browser = browser_of(maya)
    answer = browser.post("/posts/voice/", {"clip": recording()})
    assert (answer.status_code, answer.json()["state"]) == (201, "pending")
    where = f"/posts/voice/{answer.json()['id']}/"
    voice.prepare(answer.json()["id"])
    assert browser.get(where).json()["state"] == "ready"
    assert [browser_of(who).get(where).status_code for who in (noor, None)] == [404, 403]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"MZ\x90", "not_audio"), (b"OggS" + bytes(LIMITS.sound_bytes), "too_big")],
)
def test_it_refuses_with_a_code_and_a_sentence(maya: User, data: bytes, code: str) -> None:
    answer = browser_of(maya).post("/posts/voice/", {"clip": recording(data)})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["message"].endswith(".")
    assert not VoiceClip.objects.exists()


def test_it_refuses_visitors_a_form_without_file_and_other_methods(maya: User) -> None:
    assert browser_of(None).post("/posts/voice/", {"clip": recording()}).json()["code"] == "log_in"
    assert browser_of(maya).post("/posts/voice/").json()["code"] == "empty"
    assert browser_of(maya).get("/posts/voice/").status_code == 405


def test_a_recorder_comes_empty_and_is_drawn_when_it_is_opened(maya: User) -> None:
    browser = browser_of(maya)
    home = browser.get("/").content.decode()
    found = re.search(r'data-parts="([^"]+)"', home)
    assert found and "data-recorder-stop" not in home
    parts = browser.get(found[1], headers=HTMX).content.decode()
    assert "data-recorder-stop" in parts and "<html" not in parts


def test_it_limits_how_often(maya: User) -> None:
    browser = browser_of(maya)
    codes = [browser.post("/posts/voice/").status_code for _ in range(31)]
    assert (codes[0], codes[-1]) == (422, 429)


def test_it_shows_a_player_in_the_post(maya: User, noor: User) -> None:
    clip = posted(maya)
    html = browser_of(noor).get("/@maya/").content.decode()
    assert f'src="{clip.opus_url}"' in html
    assert html.count("<rect x=") >= 58
    assert "Voice clip, 0:04" in html


def test_it_shows_that_a_recording_is_still_being_prepared(maya: User) -> None:
    browser = browser_of(maya)
    clip = uploaded(browser, is_ready=False)
    html = browser.post("/posts/", {"voice": clip.pk}, headers=HTMX).content.decode()
    assert f'hx-get="/posts/voice/{clip.pk}/player/"' in html
    voice.prepare(clip.pk)
    assert (
        "data-voice-play"
        in browser.get(f"/posts/voice/{clip.pk}/player/", headers=HTMX).content.decode()
    )


@pytest.mark.parametrize("raw", ["0", "999999", "x", "-1", "9" * 30, "1.5"])
def test_it_does_not_post_a_recording_that_is_not_there(maya: User, raw: str) -> None:
    answer = browser_of(maya).post("/posts/", {"text": "Hear", "voice": raw}, headers=HTMX)
    assert answer.status_code == 422
    assert "Record it again" in answer.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("visitor", 404), ("stranger", 404), ("staff", 404), ("follower", 200), ("author", 200)],
)
@pytest.mark.parametrize("form", ["ogg", "m4a"])
def test_it_plays_to_those_who_may_read_the_post(
    budi: User, noor: User, who: str, status: int, form: str
) -> None:
    citra = person("citra", is_protected=True)
    make_follow(budi, citra)
    clip = posted(citra)
    staff = person("sam", is_staff=True)
    add_second_factor(staff)
    viewer = {"visitor": None, "stranger": noor, "staff": staff, "follower": budi, "author": citra}[
        who
    ]
    assert browser_of(viewer).get(f"/posts/voice/{clip.pk}.{form}").status_code == status
    assert browser_of(viewer).get(f"/posts/voice/{clip.pk}/player/").status_code == status


def test_it_plays_a_recording_that_is_not_posted_to_its_owner_alone(maya: User, noor: User) -> None:
    clip = uploaded(browser_of(maya))
    assert [browser_of(who).get(clip.opus_url).status_code for who in (maya, noor, None)] == [
        200,
        404,
        404,
    ]


def test_it_falls_silent_with_its_post_and_with_its_author(maya: User, noor: User) -> None:
    clip = posted(maya)
    maya.is_active = False
    maya.save()
    assert browser_of(noor).get(clip.opus_url).status_code == 404
    maya.is_active = True
    maya.save()
    posting.delete(maya, Post.objects.get())
    assert browser_of(noor).get(clip.opus_url).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "content_range", "length"),
    [
        ("bytes=0-99", 206, "bytes 0-99/{size}", 100),
        ("bytes=10-", 206, "bytes 10-{last}/{size}", None),
        ("bytes=-20", 206, "bytes {from20}-{last}/{size}", 20),
        ("bytes=0-99999999", 206, "bytes 0-{last}/{size}", None),
        ("bytes=99999999-", 416, "bytes */{size}", 0),
        ("bytes=5-2", 416, "bytes */{size}", 0),
        ("bytes=-0", 416, "bytes */{size}", 0),
        ("bytes=0-1,5-6", 200, None, None),
        ("bytes=-", 200, None, None),
        ("lines=0-1", 200, None, None),
    ],
)
def test_it_sends_parts(
    maya: User, asked: str, status: int, content_range: str | None, length: int | None
) -> None:
    clip = posted(maya)
    size = clip.opus.size
    answer = browser_of(None).get(clip.opus_url, headers={"Range": asked})
    wanted = (
        content_range.format(size=size, last=size - 1, from20=size - 20) if content_range else None
    )
    assert (answer.status_code, answer.get("Content-Range")) == (status, wanted)
    if length is not None:
        assert len(answer.content) == length
    with clip.opus.open() as file:
        whole = file.read()
    assert answer.content in whole
    assert "private" in answer["Cache-Control"]


def test_it_forgets_on_delete(maya: User) -> None:
    browser = browser_of(maya)
    clip = uploaded(browser)
    assert browser.delete(f"/posts/voice/{clip.pk}/").status_code == 204
    assert browser.get(f"/posts/voice/{clip.pk}/").status_code == 404
