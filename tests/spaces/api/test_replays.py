"""Replay, transcript, clips and captions over REST, with every refusal."""

import time

import pytest
from django.test import Client

from accounts.models import User
from spaces.models import Clip, Recording, Space, TranscriptLine
from spaces.rooms import commands, service
from spaces.rooms.actor import Actor
from spaces.services import captions
from tests.accounts.people import let_in
from tests.spaces import archive
from tests.spaces.town import live_space, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def host() -> User:
    return person("ayu")


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        let_in(client, user)
    return client


def api(space: Space, what: str) -> str:
    return f"/api/v1/spaces/{space.public_id}/{what}/"


def test_it_shows_a_replay(host: User) -> None:
    recording = archive.replay(host)
    answer = client_of(None).get(api(recording.space, "replay")).json()
    assert (answer["state"], answer["duration_ms"], answer["from_ms"]) == ("ready", 60_000, 0)
    for name in ("video", "audio", "poster", "captions"):
        assert client_of(None).get(answer[name]).status_code == 200


def test_it_shows_how_far_a_replay_is(host: User) -> None:
    recording = archive.waiting(host, state="rendering", progress=42)
    answer = client_of(host).get(api(recording.space, "replay")).json()
    assert (answer["state"], answer["progress"], answer["video"]) == ("rendering", 42, None)


def test_it_has_no_replay_of_others(host: User) -> None:
    recording = archive.replay(host)
    Space.objects.update(locked=True)
    for what in ("replay", "clips"):
        assert client_of(person(f"b{what}")).get(api(recording.space, what)).status_code == 404
    plain = archive.ended_space(person("citra"))
    assert client_of(None).get(api(plain, "replay")).status_code == 404


def test_it_is_moved_and_deleted_by_who_may(host: User) -> None:
    recording, budi = archive.replay(host), person("budi")
    url = api(recording.space, "replay")
    start = {"from_ms": 9_000}
    assert client_of(None).patch(url, start, content_type="application/json").status_code == 401
    refused = client_of(budi).patch(url, start, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    late = client_of(host).patch(url, {"from_ms": 60_000}, content_type="application/json")
    assert (late.status_code, late.json()["code"]) == (400, "bad_time")
    assert (
        client_of(host).patch(url, {"from_ms": -1}, content_type="application/json").status_code
        == 400
    )
    assert (
        client_of(host).patch(url, start, content_type="application/json").json()["state"]
        == "waiting"
    )
    busy = client_of(host).patch(url, start, content_type="application/json")
    assert (busy.status_code, busy.json()["code"]) == (409, "not_ready")
    assert client_of(budi).delete(url).status_code == 403
    assert client_of(person("staff", is_staff=True)).delete(url).status_code == 204
    assert (
        client_of(host).get(url).status_code == 404 and Recording.objects.get().state == "deleted"
    )


def test_it_reads_and_corrects_a_transcript(host: User) -> None:
    said = [(host.pk, at * 1_000, at * 1_000 + 500, f"line {at}") for at in range(25)]
    recording = archive.replay(host, said)
    first = client_of(None).get(api(recording.space, "transcript")).json()
    rest = client_of(None).get(first["next"]).json()
    assert [line["text"] for line in first["results"] + rest["results"]] == [
        f"line {at}" for at in range(25)
    ]
    url = api(recording.space, "transcript") + f"{first['results'][0]['id']}/"
    fixed = (
        client_of(host)
        .patch(url, {"text": "the first line"}, content_type="application/json")
        .json()
    )
    assert (fixed["text"], fixed["is_corrected"]) == ("the first line", True)
    assert (
        client_of(host).patch(url, {"text": ""}, content_type="application/json").json()["code"]
        == "bad_text"
    )
    assert (
        client_of(person("budi"))
        .patch(url, {"text": "x"}, content_type="application/json")
        .status_code
        == 403
    )
    assert (
        client_of(None).patch(url, {"text": "x"}, content_type="application/json").status_code
        == 401
    )
    assert TranscriptLine.objects.filter(is_corrected=True).count() == 1


def test_it_cuts_lists_and_deletes_clips(host: User) -> None:
    recording, budi = archive.replay(host), person("budi")
    url = api(recording.space, "clips")
    body = {"from_ms": 1_000, "to_ms": 9_000, "title": "best"}
    assert client_of(None).post(url, body, content_type="application/json").status_code == 401
    made = client_of(budi).post(url, body, content_type="application/json")
    assert (made.status_code, made.json()["state"], made.json()["video"]) == (201, "waiting", None)
    wrong = client_of(budi).post(
        url, {**body, "to_ms": 99_000_000, "from_ms": 0}, content_type="application/json"
    )
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_time")
    assert (
        client_of(budi).post(url, {"from_ms": "x"}, content_type="application/json").status_code
        == 400
    )
    assert [clip["id"] for clip in client_of(None).get(url).json()["results"]] == [
        made.json()["id"]
    ]
    one = f"/api/v1/clips/{made.json()['id']}/"
    assert client_of(None).get(one).json()["by"]["handle"] == "budi"
    assert client_of(person("citra")).delete(one).status_code == 403
    assert client_of(budi).delete(one).status_code == 204 and not Clip.objects.exists()


def test_it_gives_captions_to_who_may_be_in_the_room(host: User) -> None:
    space = live_space(host)
    captions.remember(
        space.public_id, captions.Line(host.pk, "ayu", "hello", round(time.time() * 1000))
    )
    assert [
        line["text"] for line in client_of(None).get(api(space, "captions")).json()["lines"]
    ] == ["hello"]
    service.execute(space.public_id, Actor(host.pk), commands.UpdateRoom(locked=True))
    assert client_of(person("budi")).get(api(space, "captions")).status_code == 404
    service.execute(space.public_id, Actor(host.pk), commands.EndSpace())
    assert client_of(host).get(api(space, "captions")).status_code == 409


def test_it_starts_and_stops_recording_like_any_action(host: User) -> None:
    space = live_space(host)
    url = api(space, "actions")
    for word, recorded in (("recording.start", True), ("recording.stop", False)):
        answer = client_of(host).post(url, {"type": word}, content_type="application/json")
        assert answer.status_code == 200
        space.refresh_from_db()
        assert space.is_recording is recorded
    refused = client_of(person("budi")).post(
        url, {"type": "recording.start"}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
