"""One count an account of passwords and one of codes, wherever they are tried; and of letters."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client
from limits import parse

from accounts.models import User
from config.http import rate_limits
from tests.accounts.fresh import REAUTHENTICATE, borrowed, recovery_codes_of, with_address
from tests.accounts.people import PASSWORD, add_second_factor

pytestmark = pytest.mark.django_db
WRONG = "000000"


@pytest.fixture
def maya(maya: User) -> User:
    with_address(maya)
    return maya


def try_api(name: str, password: str, number: int, **more: str) -> bool:
    """True if it was refused as one too many."""
    answer = Client().post(
        "/api/v1/auth/token/",
        {"handle": name, "password": password, **more},
        content_type="application/json",
        REMOTE_ADDR=f"10.1.0.{number}",
    )
    return answer.status_code == 429


def try_log_in(name: str, password: str, number: int) -> bool:
    answer = Client().post(
        "/account/login/", {"login": name, "password": password}, REMOTE_ADDR=f"10.2.0.{number}"
    )
    return "Too many" in answer.text


def try_code_at_log_in(code: str, number: int) -> bool:
    browser = Client(REMOTE_ADDR=f"10.3.0.{number}")
    browser.post("/account/login/", {"login": "maya", "password": PASSWORD})
    return "Too many" in browser.post("/account/2fa/authenticate/", {"code": code}).text


def try_fresh(browser: Client, password: str, code: str = "") -> bool:
    return "Too many" in browser.post(REAUTHENTICATE, {"password": password, "code": code}).text


def test_it_counts_codes_of_pages_and_api_together(maya: User) -> None:
    add_second_factor(maya)
    codes = recovery_codes_of(maya)
    browser = borrowed(maya)
    refused = [
        try_code_at_log_in(WRONG, 1),
        try_api("maya", PASSWORD, 1, code=WRONG),
        try_fresh(browser, PASSWORD, WRONG),
        try_code_at_log_in("00000000", 2),  # Of the recovery codes.
        try_api("maya", PASSWORD, 2, code="00000000"),
    ]
    assert refused == [False] * 5
    assert try_code_at_log_in(codes[0], 3)
    assert try_api("maya", PASSWORD, 3, code=codes[0])
    assert try_fresh(browser, PASSWORD, codes[0])
    assert codes[0] in recovery_codes_of(maya)


def test_it_counts_passwords_of_pages_and_api_together(maya: User) -> None:
    browser = borrowed(maya)
    refused = [
        try_log_in("maya", "wrong-password", 1),
        try_api("maya", "wrong-password", 1),
        try_fresh(browser, "wrong-password"),
        try_api(" @MAYA", "wrong-password", 2),
        try_log_in("maya@people.example", "wrong-password", 2),
    ]
    assert refused == [False] * 5
    assert try_log_in("maya", PASSWORD, 3)
    assert try_api("maya", PASSWORD, 3)
    assert try_fresh(browser, PASSWORD)


def test_it_forgets_wrong_ones_when_the_right_one_comes(maya: User) -> None:
    for number in range(3):
        for password in ("wrong-password", "wrong-password", PASSWORD):
            assert not try_api("maya", password, number)
    for number in range(3):
        for password in ("wrong-password", "wrong-password", PASSWORD):
            assert not try_log_in("maya", password, number)


def test_it_does_not_count_right_ones(maya: User) -> None:
    assert not any(try_api("maya", PASSWORD, number) for number in range(8))


def test_it_counts_codes_apart_from_passwords(maya: User) -> None:
    add_second_factor(maya)
    codes = recovery_codes_of(maya)
    for number in range(4):
        try_api("maya", "wrong-password", number, code=WRONG)
    for number in range(4):
        assert not try_api("maya", PASSWORD, number, code=WRONG)
    assert not try_api("maya", PASSWORD, 5, code=codes[0])


def test_it_counts_wrong_passwords_of_a_network_of_ipv6_as_one(db: None) -> None:
    def refused(address: str, name: str) -> bool:
        sent = {"login": name, "password": "wrong-password"}
        return "Too many" in Client().post("/account/login/", sent, REMOTE_ADDR=address).text

    for number in range(10):
        assert not refused(f"2001:db8:0:7::{number:x}", f"nobody{number}")
    assert refused("2001:db8:0:7:ffff::1", "another")
    assert not refused("2001:db8:0:8::1", "another")


# --- letters --------------------------------------------------------------------------------------


@pytest.fixture
def no_limit_of_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """allauth has one, by what was typed; these are about the hour, and about whom it is for."""
    monkeypatch.setattr(settings, "ACCOUNT_RATE_LIMITS", {"reset_password": "1000/m/ip"})


def ask_for_link(email: str, number: int) -> int:
    sent = {"email": email}
    return Client(REMOTE_ADDR=f"10.0.{number}.1").post("/account/password/reset/", sent).status_code


@pytest.mark.usefixtures("no_limit_of_a_minute")
@pytest.mark.parametrize("email", ["maya@people.example", "nobody@people.example"])
def test_it_mails_one_address_so_often_from_wherever_it_is_asked(maya: User, email: str) -> None:
    names = [email, email.upper(), email.title()]
    answers = [ask_for_link(names[number % 3], number) for number in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert len(mail.outbox) == 10


@pytest.mark.usefixtures("no_limit_of_a_minute")
def test_it_mails_links_of_one_account_so_often_whichever_address_is_typed(maya: User) -> None:
    names = [f"maya{number}@people.example" for number in range(4)]
    for name in names:
        EmailAddress.objects.create(user=maya, email=name, verified=True)
    answers = [ask_for_link(names[number % 4], number) for number in range(16)]
    assert answers == [302] * 16  # Nobody learns that these are one person's.
    assert len(mail.outbox) == 10


@pytest.mark.usefixtures("no_limit_of_a_minute")
def test_it_mails_so_much_for_one_network(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rate_limits.RATES, "letters", parse("6 per hour"))  # Many in a demo.
    answers = []
    for number in range(8):
        browser = Client(REMOTE_ADDR=f"2001:db8:0:9::{number:x}")
        sent = {"email": f"nobody{number}@people.example"}
        answers.append(browser.post("/account/password/reset/", sent).status_code)
    assert answers == [302] * 6 + [429] * 2
    assert len(mail.outbox) == 6


@pytest.mark.usefixtures("no_limit_of_a_minute")
@pytest.mark.parametrize("is_known", [True, False])
def test_it_answers_sign_ups_alike_when_an_address_got_too_many(maya: User, is_known: bool) -> None:
    email = maya.email if is_known else "new@people.example"
    for number in range(10):
        ask_for_link(email, number)
    answer = Client().post(
        "/account/signup/",
        {"username": "ayu", "email": email, "password1": "a-long-sentence-works"},
    )
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert len(mail.outbox) == 10


def test_it_mails_in_the_language_of_whose_account_it_is(maya: User) -> None:
    User.objects.filter(pk=maya.pk).update(language="id")
    Client(headers={"Accept-Language": "en"}).post(
        "/account/password/reset/", {"email": maya.email}
    )
    assert "Anda" in str(mail.outbox[-1].body)
