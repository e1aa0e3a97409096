"""Messages over REST: for members alone, with the pages' rules."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from accounts.services import relationships
from posts.models import Conversation, Message
from posts.services import messaging
from tests.accounts.people import make_follow, person
from tests.accounts.test_pictures import encoded
from tests.posts.api.test_fleets import program_of

pytestmark = pytest.mark.django_db
BOX = "/api/v1/conversations/"


def test_it_begins_with_a_message_and_goes_on_where_it_is(maya: User, budi: User) -> None:
    answer = program_of(maya).post("/api/v1/messages/to/budi/", {"text": "Tea?"})
    assert answer.status_code == 201
    assert (answer.json()["text"], answer.json()["is_mine"]) == ("Tea?", True)
    pk = answer.json()["conversation"]
    assert program_of(budi).get(BOX).json() == []
    waiting = program_of(budi).get(f"{BOX}?box=requests").json()
    assert [(one["id"], one["name"], one["unread"]) for one in waiting] == [(pk, maya.name, 1)]
    assert program_of(budi).put(f"{BOX}{pk}/accept/").status_code == 204
    assert program_of(budi).post(f"{BOX}{pk}/messages/", {"text": "Yes"}).status_code == 201
    page = program_of(maya).get(f"{BOX}{pk}/messages/").json()
    assert [one["text"] for one in page["results"]] == ["Tea?", "Yes"]
    assert page["older"] is None


def test_it_is_read_when_the_caller_says_so(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    message = messaging.send(maya, budi, "Tea?")
    program, path = program_of(budi), f"{BOX}{message.conversation_id}/"
    program.get(f"{path}messages/")
    assert program.get(path).json()["unread"] == 1
    assert program.put(f"{path}read/", {"up_to": 2**63 - 1}).status_code == 204
    assert program.get(path).json()["unread"] == 0
    messaging.send(maya, budi, "Or coffee?")
    assert program.get(path).json()["unread"] == 1  # Nobody reads ahead.


def test_it_pages_back_and_asks_for_what_is_new(maya: User, budi: User) -> None:
    sent = [messaging.send(maya, budi, str(number)) for number in range(45)]
    path = f"{BOX}{sent[0].conversation_id}/messages/"
    page = program_of(budi).get(path).json()
    assert [one["text"] for one in page["results"]] == [str(number) for number in range(5, 45)]
    older = program_of(budi).get(f"{path}?before={page['older']}").json()
    assert [one["text"] for one in older["results"]] == [str(number) for number in range(5)]
    newer = program_of(budi).get(f"{path}?since={sent[-2].pk}").json()
    assert [one["text"] for one in newer["results"]] == ["44"]


def test_it_is_nobody_elses(maya: User, budi: User, noor: User) -> None:
    message = messaging.send(maya, budi, "Secret")
    User.objects.filter(pk=noor.pk).update(is_staff=True)
    noor.refresh_from_db()
    noor.acts_as_staff = True
    path = f"{BOX}{message.conversation_id}/"
    for verb, part in (
        *(
            ("get", ""),
            ("get", "messages/"),
            ("post", "messages/"),
            ("put", "accept/"),
            ("put", "read/"),
        ),
        *(
            ("delete", ""),
            ("delete", f"messages/{message.pk}/"),
            ("patch", ""),
            ("put", "people/noor/"),
        ),
    ):
        body = {"text": "x", "up_to": 1, "name": "x"}
        assert getattr(program_of(noor), verb)(path + part, body).status_code == 404, (verb, part)
        assert getattr(program_of(None), verb)(path + part, body).status_code == 401, (verb, part)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"text": ""}, "empty"),
        ({"text": "x" * 1001}, "too_long"),
        ({"text": "", "voice": 99}, "unavailable"),
    ],
)
def test_it_refuses_no_message_with_a_code(
    maya: User, budi: User, sent: dict[str, object], code: str
) -> None:
    answer = program_of(maya).post("/api/v1/messages/to/budi/", sent)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Message.objects.exists()


def test_it_does_not_write_across_a_block(maya: User, budi: User) -> None:
    relationships.block(budi, maya)
    answer = program_of(maya).post("/api/v1/messages/to/budi/", {"text": "Hi"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_repeat_is_no_second_message(maya: User, budi: User) -> None:
    for _attempt in range(2):
        program_of(maya).post("/api/v1/messages/to/budi/", {"text": "Once", "token": "abcdefgh"})
    assert Message.objects.count() == 1


def test_it_carries_pictures(maya: User, budi: User) -> None:
    form = {"images": [SimpleUploadedFile("x.png", encoded("PNG", (40, 60)))], "alt": ["A hill"]}
    answer = program_of(maya).post("/api/v1/messages/to/budi/", form, format="multipart")
    assert [(one["width"], one["alt"]) for one in answer.json()["images"]] == [(40, "A hill")]


def test_it_takes_back_ones_own_message_only(maya: User, budi: User) -> None:
    message = messaging.send(maya, budi, "Oh no")
    path = f"{BOX}{message.conversation_id}/messages/{message.pk}/"
    assert program_of(budi).delete(path).status_code == 403
    assert program_of(maya).delete(path).status_code == 204
    shown = program_of(budi).get(f"{BOX}{message.conversation_id}/messages/").json()["results"]
    assert [(one["text"], one["is_deleted"]) for one in shown] == [("", True)]


def test_a_group_is_ruled_by_who_made_it(maya: User, budi: User, noor: User) -> None:
    eka = person("eka")
    answer = program_of(maya).post(BOX, {"name": "River people", "people": ["budi", "noor"]})
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["is_group"], answer.json()["name"]) == (True, "River people")
    path = f"{BOX}{answer.json()['id']}/"
    assert program_of(budi).patch(path, {"name": "Mine"}).status_code == 403
    assert program_of(budi).put(f"{path}people/eka/").status_code == 403
    assert program_of(maya).put(f"{path}people/eka/").status_code == 204
    assert program_of(eka).post(f"{path}messages/", {"text": "Hello all"}).status_code == 201
    assert program_of(maya).delete(f"{path}people/eka/").status_code == 204
    assert program_of(eka).get(path).status_code == 404
    assert program_of(noor).delete(f"{path}people/noor/").status_code == 204
    assert program_of(maya).patch(path, {"name": "Sea people"}).json()["name"] == "Sea people"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"name": " ", "people": ["budi"]}, "invalid"),
        ({"name": "x", "people": ["nobody"]}, "unknown_person"),
    ],
)
def test_it_makes_no_group_of_nothing(
    maya: User, budi: User, sent: dict[str, object], code: str
) -> None:
    answer = program_of(maya).post(BOX, sent)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Conversation.objects.exists()
