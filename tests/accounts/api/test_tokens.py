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


@pytest.mark.parametrize(
    "name", ["maya", "MAYA", "maya@people.example", "@maya", " @Maya ", " MAYA@people.example"]
)
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


def guess(name: str, address: str, **body: str) -> int:
    sent = {"handle": name, "password": "x", **body}
    return Client().post(URL, sent, content_type=JSON, REMOTE_ADDR=address).status_code


@pytest.mark.parametrize(
    "names",
    [
        ["maya" + " " * n for n in range(10)],
        [" " * n + "maya" for n in range(10)],
        ["maya", "@maya", "MAYA", "@MAYA ", "\tmaya"] * 2,
        ["maya", "maya@people.example", "MAYA@people.example", "@maya", "Maya"] * 2,
        ["maya", "second@people.example"] * 5,
    ],
)
def test_it_counts_guesses_by_account_however_it_is_named(maya: User, names: list[str]) -> None:
    for email in (maya.email, "second@people.example"):
        EmailAddress.objects.create(user=maya, email=email, verified=True)
    answers = [guess(name, f"10.0.0.{number}") for number, name in enumerate(names)]
    assert answers == [400] * 5 + [429] * (len(names) - 5)
    assert guess("maya", "10.0.1.1", password=PASSWORD) == 429


def test_it_counts_guesses_at_nobody_as_those_at_somebody(db: None) -> None:
    answers = [guess("nobody" + " " * number, f"10.0.0.{number}") for number in range(10)]
    assert answers == [400] * 5 + [429] * 5
    assert guess("nobody", "10.0.1.1") == 429


def test_it_counts_a_network_of_ipv6_as_one(db: None) -> None:
    for number in range(10):
        assert guess(f"nobody{number}", f"2001:db8:0:7::{number:x}") == 400
    assert guess("other", "2001:db8:0:7:ffff::1") == 429
    assert guess("other", "2001:db8:0:8::1") == 400


def test_it_counts_codes_apart(maya: User) -> None:
    codes = RecoveryCodes.activate(maya).get_unused_codes()
    for number in range(5):
        assert guess("maya", f"10.0.0.{number}", password=PASSWORD, code="000000") == 400
    assert guess("maya", "10.0.1.1", password=PASSWORD, code=codes[0]) == 429
    assert guess("maya", "10.0.1.2", password=PASSWORD) == 400  # No code, and no guess.


def test_it_forgets_wrong_codes_when_the_right_one_comes(maya: User) -> None:
    codes = RecoveryCodes.activate(maya).get_unused_codes()
    for code in ["000000", "000000", codes[0], "000000", "000000", "000000", "000000"]:
        guess("maya", "10.0.0.1", password=PASSWORD, code=code)
    assert guess("maya", "10.0.0.2", password=PASSWORD, code=codes[1]) == 201
