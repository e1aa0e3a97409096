import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from accounts.models import User
from tests.accounts.people import PASSWORD, person

URL = "/api/v1/auth/token/"
JSON = "application/json"


def log_in(client: Client, **body: str) -> tuple[int, dict[str, str]]:
    answer = client.post(URL, body, content_type=JSON)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("name", ["maya", "MAYA", "maya@people.example"])
def test_it_gives_a_token_that_opens_the_api(client: Client, maya: User, name: str) -> None:
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    status, body = log_in(client, handle=name, password=PASSWORD)
    assert status == 201
    me = client.get("/api/v1/accounts/me/", headers={"Authorization": f"Token {body['token']}"})
    assert me.json()["handle"] == "maya"


def test_it_ends_the_token_it_is_called_with(client: Client, maya: User) -> None:
    tokens = [log_in(client, handle="maya", password=PASSWORD)[1]["token"] for _ in range(2)]
    assert client.delete(URL, headers={"Authorization": f"Token {tokens[0]}"}).status_code == 204
    codes = [
        client.get("/api/v1/accounts/me/", headers={"Authorization": f"Token {token}"}).status_code
        for token in tokens
    ]
    assert codes == [401, 200]


def test_it_answers_alike_whatever_is_wrong(client: Client, maya: User) -> None:
    person("gone", is_active=False)
    unproved = person("unproved")
    EmailAddress.objects.create(user=unproved, email=unproved.email, verified=False, primary=True)
    answers = [
        log_in(client, handle="maya", password="wrong-password"),
        log_in(client, handle="nobody", password=PASSWORD),
        log_in(client, handle="gone", password=PASSWORD),
        log_in(client, handle="unproved", password=PASSWORD),
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 400
    assert answers[0][1]["code"] == "log_in"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"handle": "maya"},
        {"handle": "", "password": ""},
        {"handle": "x" * 300, "password": "x"},
    ],
)
def test_it_names_what_is_missing(client: Client, db: None, body: dict[str, str]) -> None:
    status, answer = log_in(client, **body)
    assert (status, answer["code"]) == (400, "invalid")


@pytest.mark.parametrize("raw", ["", "[]", "null", "{", '"maya"'])
def test_it_survives_bodies_that_are_no_object(client: Client, db: None, raw: str) -> None:
    assert client.post(URL, raw, content_type=JSON).status_code == 400


def test_it_asks_for_the_second_factor(client: Client, maya: User) -> None:
    codes = RecoveryCodes.activate(maya).get_unused_codes()
    assert log_in(client, handle="maya", password=PASSWORD)[1]["code"] == "second_factor"
    assert (
        log_in(client, handle="maya", password=PASSWORD, code="00000000")[1]["code"]
        == "second_factor"
    )
    assert log_in(client, handle="maya", password=PASSWORD, code=codes[0])[0] == 201
    assert log_in(client, handle="maya", password=PASSWORD, code=codes[0])[0] == 400  # Used up.


def test_it_lets_nobody_in_past_a_passkey(client: Client, maya: User) -> None:
    Authenticator.objects.create(user=maya, type=Authenticator.Type.WEBAUTHN, data={})
    assert (
        log_in(client, handle="maya", password=PASSWORD, code="123456")[1]["code"]
        == "second_factor"
    )


def test_it_stops_guessing_by_account_and_by_address(client: Client, maya: User) -> None:
    for number in range(10):
        client.post(
            URL,
            {"handle": "maya", "password": "x"},
            content_type=JSON,
            REMOTE_ADDR=f"10.0.0.{number}",
        )
    answer = client.post(
        URL, {"handle": "maya", "password": PASSWORD}, content_type=JSON, REMOTE_ADDR="10.0.1.1"
    )
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
