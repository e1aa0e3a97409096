"""Sign-up, log-in, log-out."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.accounts.people import PASSWORD, person

FORM = {
    "display_name": "Ayu Lestari",
    "username": "ayu",
    "email": "ayu@people.example",
    "password1": "a-long-sentence-works",
    "time_zone": "Asia/Jakarta",
}


def sign_up(client: Client, **changes: str) -> HttpResponse:
    # return-value: the test client's own class.
    return client.post("/account/signup/", FORM | changes)  # type: ignore[return-value]


@pytest.mark.django_db
def test_it_signs_up_and_logs_in_after_the_code_from_the_mail(client: Client) -> None:
    assert sign_up(client).status_code == 302
    code = re.search(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{2,4})\s*$", str(mail.outbox[0].body), re.M)
    assert code
    client.post("/account/confirm-email/", {"code": code[1]})
    ayu = User.objects.get(handle="ayu")
    assert (ayu.display_name, ayu.time_zone) == ("Ayu Lestari", "Asia/Jakarta")
    assert client.get("/settings/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"username": "a"}, "2"),
        ({"username": "with space"}, "letters"),
        ({"username": "admin"}, "taken"),
        ({"username": "MAYA"}, "already exists"),
        ({"username": "x" * 31}, "30"),
        ({"password1": "short"}, "too short"),
        ({"email": "no-address"}, "valid email"),
        ({"display_name": "x" * 51}, "50"),
    ],
)
def test_it_says_what_is_wrong_with_a_sign_up(
    client: Client, changes: dict[str, str], sentence: str
) -> None:
    person("maya")
    answer = sign_up(client, **changes)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_it_takes_a_handle_with_the_at_sign(client: Client) -> None:
    sign_up(client, username="@ayu")
    assert User.objects.filter(handle="ayu").exists()


@pytest.mark.django_db
def test_it_falls_back_to_utc_for_an_unknown_zone_and_tidies_the_name(client: Client) -> None:
    sign_up(client, time_zone="Mars/Olympus", display_name="  Ayu\tLes\u202etari ")
    ayu = User.objects.get(handle="ayu")
    assert (ayu.time_zone, ayu.display_name) == ("UTC", "Ayu Lestari")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["maya", "MAYA", "maya@people.example", "@maya", " @MAYA "])
def test_it_logs_in_with_handle_or_address(client: Client, name: str) -> None:
    maya = person("maya")
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    client.post("/account/login/", {"login": name, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(maya.pk)


@pytest.mark.django_db
def test_it_answers_the_same_for_a_wrong_password_and_an_unknown_account(client: Client) -> None:
    person("maya")
    answers = [
        client.post("/account/login/", {"login": login, "password": "wrong-password"})
        for login in ("maya", "nobody")
    ]
    said = [
        re.findall(r'notice__text">(.*?)</p>', answer.content.decode(), re.S)[-1]
        for answer in answers
    ]
    assert said[0].strip() == said[1].strip()


@pytest.mark.django_db
def test_it_does_not_log_in_the_suspended(client: Client) -> None:
    maya = person("maya", is_active=False)
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    client.post("/account/login/", {"login": "maya", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_it_logs_out_by_post_only(client: Client) -> None:
    client.force_login(
        person("maya"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    client.get("/account/logout/")
    assert "_auth_user_id" in client.session
    client.post("/account/logout/")
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_it_stops_guessing_passwords(client: Client) -> None:
    person("maya")
    for _ in range(12):
        answer = client.post("/account/login/", {"login": "maya", "password": "guess-guess"})
    assert "Too many" in answer.content.decode()


@pytest.mark.django_db
def test_it_counts_guesses_by_account_however_it_is_named() -> None:
    maya = person("maya")
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    names = ["maya", "maya@people.example", "@maya", " Maya", "MAYA@people.example", "@MAYA "]
    answers = [
        Client().post(
            "/account/login/",
            {"login": name, "password": "guess-guess"},
            REMOTE_ADDR=f"10.0.0.{number}",
        )
        for number, name in enumerate(names)
    ]
    assert ["Too many" in answer.text for answer in answers] == [False] * 5 + [True]
