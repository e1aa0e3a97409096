"""Fleets over REST: the same services, the same refusals."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from posts.models import Fleet, Message
from posts.services import fleets
from tests.accounts.people import make_follow
from tests.accounts.test_pictures import encoded
from tests.posts.services.test_fleets import FOLLOWERS, PUBLIC

pytestmark = pytest.mark.django_db


def program_of(someone: User | None) -> APIClient:
    client = APIClient()
    client.force_authenticate(someone)
    return client


def test_it_puts_one_up_as_json_and_as_a_form(maya: User) -> None:
    program = program_of(maya)
    answer = program.post("/api/v1/fleets/", {"text": "Hello", "audience": "followers"})
    assert answer.status_code == 201
    assert (answer.json()["text"], answer.json()["picture"], answer.json()["audience"]) == (
        "Hello",
        "",
        "followers",
    )
    form = {"picture": SimpleUploadedFile("x.png", encoded("PNG", (40, 60))), "alt": "A hill"}
    answer = program.post("/api/v1/fleets/", form, format="multipart")
    assert (answer.json()["width"], answer.json()["alt"]) == (40, "A hill")
    assert answer.json()["picture"] == Fleet.objects.latest("pk").picture_url


@pytest.mark.parametrize(
    ("sent", "code"), [({"text": ""}, "empty"), ({"text": "x" * 281}, "too_long")]
)
def test_it_refuses_with_a_code(maya: User, sent: dict[str, str], code: str) -> None:
    answer = program_of(maya).post("/api/v1/fleets/", sent)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_it_lists_those_one_follows_or_those_of_one_person(
    maya: User, budi: User, noor: User
) -> None:
    make_follow(budi, maya)
    for author in (maya, noor, budi):
        fleets.publish(author, author.handle, None, PUBLIC)

    def texts(program: APIClient, query: str = "") -> list[str]:
        return [one["text"] for one in program.get(f"/api/v1/fleets/{query}").json()["results"]]

    assert texts(program_of(budi)) == ["budi", "maya"]
    assert texts(program_of(budi), "?author=noor") == ["noor"]
    assert texts(program_of(None)) == []
    assert texts(program_of(None), "?author=noor") == ["noor"]


def test_it_is_not_there_for_strangers_and_after_its_day(
    maya: User, budi: User, noor: User
) -> None:
    make_follow(budi, maya)
    fleet = fleets.publish(maya, "Hello", None, FOLLOWERS)
    path = f"/api/v1/fleets/{fleet.pk}/"
    assert [program_of(one).get(path).status_code for one in (maya, budi, noor, None)] == [
        200,
        200,
        404,
        404,
    ]
    for verb, part in (("put", "seen/"), ("post", "reply/"), ("get", "viewers/"), ("delete", "")):
        assert getattr(program_of(noor), verb)(path + part, {"text": "hi"}).status_code == 404, part
        assert getattr(program_of(None), verb)(path + part, {"text": "hi"}).status_code == 401, part
    Fleet.objects.update(expires_at=timezone.now())
    assert program_of(maya).get(path).status_code == 404


def test_it_tells_its_author_alone_who_saw_it(maya: User, budi: User) -> None:
    fleet = fleets.publish(maya, "Hello", None, PUBLIC)
    path = f"/api/v1/fleets/{fleet.pk}/"
    assert program_of(budi).get(path).json()["is_seen"] is False
    assert program_of(budi).put(f"{path}seen/").status_code == 204
    assert program_of(budi).get(path).json()["is_seen"] is True
    assert program_of(budi).get(f"{path}viewers/").json()["code"] == "not_allowed"
    assert [one["viewer"]["handle"] for one in program_of(maya).get(f"{path}viewers/").json()] == [
        "budi"
    ]


def test_it_is_answered_with_a_message_where_that_is_open(maya: User, budi: User) -> None:
    fleet = fleets.publish(maya, "Hello", None, PUBLIC)
    path = f"/api/v1/fleets/{fleet.pk}/reply/"
    assert program_of(budi).post(path, {"text": "👏"}).status_code == 204
    assert Message.objects.get().text.startswith("👏\nhttp")
    User.objects.filter(pk=maya.pk).update(direct_messages_from="nobody")
    assert program_of(budi).post(path, {"text": "👏"}).json()["code"] == "not_allowed"


def test_only_its_author_takes_it_down(maya: User, budi: User) -> None:
    fleet = fleets.publish(maya, "Hello", None, PUBLIC)
    assert program_of(budi).delete(f"/api/v1/fleets/{fleet.pk}/").status_code == 403
    assert program_of(maya).delete(f"/api/v1/fleets/{fleet.pk}/").status_code == 204
    assert not Fleet.objects.exists()
