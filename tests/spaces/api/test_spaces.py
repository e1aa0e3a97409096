"""Spaces over REST."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import User
from spaces.models import Space
from tests.accounts.people import let_in
from tests.spaces.town import green_space, live_space, people, person

pytestmark = pytest.mark.django_db
URL = "/api/v1/spaces/"


def client_of(user: User | None) -> Client:
    client = Client()
    if user:
        let_in(client, user)
    return client


# Any: JSON, and Django's test response.
def post(user: User | None, path: str, body: Any = None) -> Any:
    return client_of(user).post(URL + path, body or {}, content_type="application/json")


def titles(user: User | None, query: str = "") -> list[str]:
    answer = client_of(user).get(URL + query)
    assert answer.status_code == 200, answer.content
    return [space["title"] for space in answer.json()["results"]]


def test_it_opens_starts_and_ends_a_space_by_token() -> None:
    alice = person("alice")
    _, token = AuthToken.objects.create(alice)
    client = Client(headers={"authorization": f"Token {token}"})
    made = client.post(
        URL,
        {"title": "Tea", "video_enabled": True, "topics": ["Food"]},
        content_type="application/json",
    )
    assert made.status_code == 201
    space = made.json()
    assert (space["state"], space["topics"], space["host"]["handle"]) == (
        "green",
        ["Food"],
        "alice",
    )
    assert space["stage"][0]["role"] == "host"
    assert client.post(f"{URL}{space['id']}/start/").json()["state"] == "live"
    ended = client.post(f"{URL}{space['id']}/end/").json()
    assert (ended["state"], ended["end_reason"]) == ("ended", "host")


def test_it_schedules_and_edits() -> None:
    alice = person("alice")
    when = (timezone.now() + timedelta(days=1)).isoformat()
    made = post(
        alice, "", {"title": "Later", "scheduled_for": when, "time_zone": "Asia/Jakarta"}
    ).json()
    assert (made["state"], made["time_zone"]) == ("scheduled", "Asia/Jakarta")
    path = f"{URL}{made['id']}/"
    changed = client_of(alice).patch(
        path, {"title": "Sooner", "language": "id"}, content_type="application/json"
    )
    assert (changed.json()["title"], changed.json()["language"]) == ("Sooner", "id")
    assert post(alice, f"{made['id']}/cancel/").json()["state"] == "cancelled"


def test_it_edits_a_live_space_by_the_rules_of_the_room() -> None:
    alice, bob = people("alice", "bob")
    space = live_space(alice)
    path = f"{URL}{space.public_id}/"
    assert (
        client_of(alice)
        .patch(path, {"title": "New"}, content_type="application/json")
        .json()["title"]
        == "New"
    )
    refused = client_of(bob).patch(path, {"title": "Mine"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    late = client_of(alice).patch(path, {"language": "id"}, content_type="application/json")
    assert (late.status_code, late.json()["code"]) == (409, "already_started")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"title": ""}, 400, "bad_title"),
        ({"title": "x" * 71}, 400, "bad_title"),
        ({"title": "T", "topics": ["a", "b", "c", "d"]}, 400, "bad_topics"),
        ({"title": "T", "scheduled_for": "2001-01-01T00:00Z"}, 400, "bad_time"),
        ({"title": "T", "scheduled_for": "soon"}, 400, "invalid"),
        ({"title": "T", "speak_rule": "nobody"}, 400, "invalid"),
    ],
)
def test_it_refuses_bad_drafts(body: dict[str, Any], status: int, code: str) -> None:
    answer = post(person("alice"), "", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]


def test_it_asks_for_a_log_in_to_change_anything() -> None:
    space = live_space(person("alice"))
    for path in (
        "",
        *(f"{space.public_id}/{verb}/" for verb in ("start", "end", "cancel", "actions")),
    ):
        assert post(None, path, {"title": "T"}).status_code == 401


def test_it_refuses_others_to_start_end_or_cancel() -> None:
    alice, bob = people("alice", "bob")
    space = live_space(alice)
    assert post(bob, f"{space.public_id}/end/").json()["code"] == "not_allowed"
    assert post(alice, f"{space.public_id}/start/").json()["code"] == "already_started"
    assert post(bob, f"{green_space(alice_two()).public_id}/start/").status_code == 404
    assert Space.objects.get(pk=space.pk).state == "live"


def alice_two() -> User:
    return person("alice2")


def test_it_lists_by_state_topic_language_and_host() -> None:
    alice, bob, carol = people("alice", "bob", "carol")
    live_space(alice, title="live", topics=["Food"], language="id")
    green_space(bob, title="green")
    when = (timezone.now() + timedelta(days=1)).isoformat()
    post(bob, "", {"title": "later", "scheduled_for": when})
    assert titles(None) == titles(carol) == ["later", "live"]
    assert (
        titles(None, "?state=live")
        == titles(None, "?topic=FOOD")
        == titles(None, "?language=id")
        == ["live"]
    )
    assert titles(None, "?state=scheduled") == titles(None, "?host=BOB") == ["later"]
    assert titles(None, "?state=ended") == []
    assert client_of(None).get(URL + "?state=green").status_code == 400


def test_it_lists_nothing_the_viewer_may_not_enter() -> None:
    alice, bob = people("alice", "bob")
    space = live_space(alice, title="live")
    space.bans.create(user=bob, by=alice)
    assert titles(bob) == [] and titles(None) == ["live"]
    assert client_of(bob).get(f"{URL}{space.public_id}/").status_code == 404
    assert post(bob, f"{space.public_id}/actions/", {"type": "speak.request"}).status_code == 404


def test_it_lists_with_a_fixed_number_of_queries(django_assert_max_num_queries: Any) -> None:
    for i in range(6):
        live_space(person(f"host{i}"), topics=["Food"])
    with django_assert_max_num_queries(6):
        assert len(titles(None)) == 6


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"type": "ping"},
        {"type": "media.connect"},
        {"type": "nope"},
        {"type": "speak.approve", "user": "x"},
        {},
    ],
)
def test_it_takes_only_commands_as_actions(body: Any) -> None:
    alice = person("alice")
    space = live_space(alice)
    answer = client_of(alice).post(
        f"{URL}{space.public_id}/actions/", body, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")


def test_it_says_conflict_for_what_does_not_fit_now() -> None:
    alice, bob = people("alice", "bob")
    space = live_space(alice)
    answer = post(alice, f"{space.public_id}/actions/", {"type": "speak.approve", "user": bob.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_request")


def test_it_describes_itself() -> None:
    schema = Client().get("/api/v1/schema/?format=json").json()
    assert {
        "/api/v1/spaces/",
        "/api/v1/spaces/{id}/actions/",
        "/api/v1/spaces/{id}/start/",
    } <= schema["paths"].keys()
