"""What a program may put into a post: pictures, a recording, a poll, a rule for answers; drafts and
votes.
"""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from posts.models import Draft, Poll, Post, VoiceClip
from posts.services import posting
from tests.accounts.test_pictures import encoded
from tests.posts.api.test_fleets import program_of

pytestmark = pytest.mark.django_db
POSTS = "/api/v1/posts/"


def test_it_publishes_a_poll_that_each_votes_in_once(maya: User, budi: User) -> None:
    sent = {
        "text": "Tea?",
        "poll": {"options": ["Yes", "No"], "lasts_s": 3600},
        "replies_from": "mentioned",
    }
    answer = program_of(maya).post(POSTS, sent)
    assert answer.status_code == 201, answer.json()
    assert [one["text"] for one in answer.json()["poll"]["options"]] == ["Yes", "No"]
    assert answer.json()["replies_from"] == "mentioned"
    vote = f"{POSTS}{answer.json()['id']}/vote/"
    shown = program_of(budi).put(vote, {"position": 1}).json()["poll"]
    assert (shown["has_voted"], [one["vote_count"] for one in shown["options"]]) == (True, [0, 1])
    assert program_of(budi).put(vote, {"position": 0}).json()["code"] == "poll_voted"
    assert program_of(maya).put(vote, {"position": 7}).json()["code"] == "poll_unknown"
    Poll.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert program_of(maya).put(vote, {"position": 0}).json()["code"] == "poll_ended"
    assert program_of(None).put(vote, {"position": 0}).status_code == 401


def test_it_refuses_a_poll_with_one_option(maya: User) -> None:
    answer = program_of(maya).post(
        POSTS, {"text": "Tea?", "poll": {"options": ["Yes"], "lasts_s": 3600}}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "poll_options")
    assert not Post.objects.exists()


def test_it_publishes_pictures_and_refuses_what_is_none(maya: User) -> None:
    good, bad = (
        SimpleUploadedFile("x.png", encoded("PNG", (40, 60))),
        SimpleUploadedFile("x.png", b"GIF89a nothing"),
    )
    answer = program_of(maya).post(
        POSTS, {"text": "", "images": [good], "alt": ["A hill"]}, format="multipart"
    )
    assert [(one["width"], one["alt"]) for one in answer.json()["images"]] == [(40, "A hill")]
    answer = program_of(maya).post(POSTS, {"text": "x", "images": [bad]}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad")


def test_it_refuses_five_pictures(maya: User) -> None:
    files = [SimpleUploadedFile(f"{n}.png", encoded("PNG")) for n in range(5)]
    assert (
        program_of(maya).post(POSTS, {"text": "x", "images": files}, format="multipart").status_code
        == 400
    )
    assert not Post.objects.exists()


def test_it_uses_ones_own_recording_only(maya: User, budi: User) -> None:
    clip = VoiceClip.objects.create(owner=budi)
    answer = program_of(maya).post(POSTS, {"text": "", "voice": clip.pk})
    assert (answer.status_code, answer.json()["code"]) == (400, "unavailable")
    answer = program_of(budi).post(POSTS, {"text": "", "voice": clip.pk})
    assert (answer.status_code, answer.json()["voice"]["id"]) == (201, clip.pk)
    assert program_of(maya).get(f"/api/v1/voice/{clip.pk}/").status_code == 404
    assert program_of(budi).get(f"/api/v1/voice/{clip.pk}/").json()["state"] == "pending"


def test_it_takes_no_recording_that_is_none(maya: User) -> None:
    file = SimpleUploadedFile("x.webm", b"not sound at all")
    answer = program_of(maya).post("/api/v1/voice/", {"clip": file}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_audio")
    assert program_of(maya).post("/api/v1/voice/", {}, format="multipart").status_code == 400
    assert not VoiceClip.objects.exists()


def test_it_keeps_drafts_for_their_author(maya: User, budi: User) -> None:
    answer = program_of(maya).post("/api/v1/drafts/", {"texts": ["One", "Two"]})
    assert (answer.status_code, answer.json()["texts"]) == (201, ["One", "Two"])
    path = f"/api/v1/drafts/{answer.json()['id']}/"
    for verb in ("get", "put", "delete"):
        assert getattr(program_of(budi), verb)(path, {"texts": ["x"]}).status_code == 404, verb
        assert getattr(program_of(None), verb)(path, {"texts": ["x"]}).status_code == 401, verb
    assert program_of(maya).put(path, {"texts": ["Better"]}).json()["texts"] == ["Better"]
    assert [one["texts"] for one in program_of(maya).get("/api/v1/drafts/").json()] == [["Better"]]
    assert program_of(maya).post("/api/v1/drafts/", {"texts": [""]}).json()["code"] == "empty"
    assert program_of(maya).delete(path).status_code == 204
    assert not Draft.objects.exists()


def test_it_shows_what_a_post_said_before_and_lets_the_quoted_out(maya: User, budi: User) -> None:
    post = posting.publish(maya, "First")
    program_of(maya).patch(f"{POSTS}{post.pk}/", {"text": "Second"})
    assert [one["text"] for one in program_of(None).get(f"{POSTS}{post.pk}/history/").json()] == [
        "First"
    ]
    quote = program_of(budi).post(POSTS, {"text": "Look", "quote_of": post.pk}).json()
    assert quote["quote_of"] == post.pk
    assert program_of(budi).put(f"{POSTS}{quote['id']}/detach/").status_code == 403
    assert program_of(maya).put(f"{POSTS}{quote['id']}/detach/").status_code == 204
    assert program_of(budi).get(f"{POSTS}{quote['id']}/").json()["quote_of"] is None
