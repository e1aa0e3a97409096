"""Whatever changes an account wants a fresh log-in, of all that the account logs in with."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.models import AccountDeletion, DataExport, User
from accounts.services import api_tokens, data_export
from tests.accounts.fresh import (
    REAUTHENTICATE,
    borrowed,
    code_now,
    freshly,
    is_asked,
    recovery_codes_of,
    with_address,
)
from tests.accounts.people import PASSWORD, add_second_factor, browser_of
from tests.accounts.queue import keep_tasks

pytestmark = pytest.mark.django_db
THIEF = "thief@elsewhere.example"
NEW = "another-long-sentence"


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    return keep_tasks(monkeypatch, tasks.make_export, tasks.mail_deletion_date)


def with_key_of_copy(maya: User) -> str:
    export = data_export.ask(maya)
    data_export.run(export.pk)
    export.refresh_from_db()
    return data_export.link_key(export)


def token_of(maya: User) -> str:
    issued = api_tokens.issue(maya)
    assert issued
    digest: str = issued[0].digest  # knox declares no types.
    return digest[: api_tokens.NAME_CHARS]


DEEDS: list[tuple[str, dict[str, str]]] = [
    ("/account/email/", {"action_add": "", "email": THIEF}),
    ("/account/email/", {"action_send": "", "email": "unproved@people.example"}),
    ("/account/email/", {"action_primary": "", "email": "second@people.example"}),
    ("/account/email/", {"action_remove": "", "email": "second@people.example"}),
    ("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}),
    ("/account/2fa/totp/activate/", {"code": "123456"}),
    ("/account/2fa/totp/deactivate/", {}),
    ("/account/2fa/webauthn/add/", {"name": "key", "credential": "{}"}),
    ("/account/2fa/recovery-codes/generate/", {}),
    ("/settings/data/", {}),
    ("/settings/leave/", {"when": "now", "handle": "maya"}),
    ("/account/sessions/", {}),
    ("/settings/tokens/TOKEN/end/", {}),
]
READING = [
    "/account/password/change/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/download/",
    "/account/2fa/totp/activate/",
    "/account/2fa/totp/deactivate/",
    "/account/2fa/webauthn/add/",
    "/settings/leave/",
    "/settings/data/COPY/",
]


def state_of(maya: User) -> list[object]:
    maya.refresh_from_db()
    return [
        maya.password,
        maya.email,
        *EmailAddress.objects.filter(user=maya).order_by("pk").values_list("email", "primary"),
        *Authenticator.objects.filter(user=maya).order_by("pk").values_list("type", flat=True),
        api_tokens.living(maya).count(),
        DataExport.objects.count(),
        AccountDeletion.objects.count(),
    ]


@pytest.mark.parametrize("has_factor", [False, True], ids=["password", "factor"])
@pytest.mark.parametrize(("path", "sent"), DEEDS, ids=lambda one: str(one)[:60])
def test_it_lets_a_borrowed_log_in_change_nothing(
    maya: User, path: str, sent: dict[str, str], has_factor: bool
) -> None:
    browser = borrowed(maya)
    with_address(maya, "second@people.example", primary=False)
    EmailAddress.objects.create(user=maya, email="unproved@people.example")
    if has_factor or "deactivate" in path or "generate" in path:
        add_second_factor(maya)
        if "activate" in path and "deactivate" not in path:
            pytest.skip("Leads to the page that removes it.")
    token = token_of(maya)
    mail.outbox.clear()
    before = state_of(maya)
    answer = browser.post(path.replace("TOKEN", token), sent)
    assert is_asked(answer), (answer.status_code, answer.headers.get("Location"))
    assert state_of(maya) == before
    assert mail.outbox == []


@pytest.mark.parametrize("path", READING)
def test_it_shows_a_borrowed_log_in_nothing_that_opens_the_account(maya: User, path: str) -> None:
    browser = borrowed(maya)
    if "recovery" in path or "deactivate" in path:
        add_second_factor(maya)
        recovery_codes_of(maya)
    key = with_key_of_copy(maya)
    assert is_asked(browser.get(path.replace("COPY", key)))


def test_it_asks_again_when_the_time_is_over(maya: User) -> None:
    browser = freshly(maya)
    assert browser.get("/account/password/change/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert is_asked(browser.get("/account/password/change/"))


def test_it_does_not_let_a_borrowed_log_in_take_the_account(maya: User) -> None:
    """Add an address, confirm it, make it primary, reset the password there."""
    browser = borrowed(maya)
    browser.post("/account/email/", {"action_add": "", "email": THIEF})
    browser.post(REAUTHENTICATE, {"password": "guessed-guess"})
    letters = " ".join(str(one.body) for one in mail.outbox)
    for code in re.findall(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{2,4})\s*$", letters, re.M):
        browser.post("/account/confirm-email/", {"code": code})
    browser.post("/account/email/", {"action_primary": "", "email": THIEF})
    Client().post("/account/password/reset/", {"email": THIEF})
    assert not EmailAddress.objects.filter(email=THIEF).exists()
    maya.refresh_from_db()
    assert maya.email == "maya@people.example"
    assert not any("/password/reset/key/" in str(one.body) for one in mail.outbox)


def test_it_asks_before_a_mailed_code_is_taken(maya: User) -> None:
    """Somebody added an address and went; whoever finds the browser must not confirm it."""
    browser = freshly(maya)
    browser.post("/account/email/", {"action_add": "", "email": THIEF})
    code = re.search(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{2,4})\s*$", str(mail.outbox[-1].body), re.M)
    assert code
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert is_asked(browser.get("/account/confirm-email/"))
        answer = browser.post("/account/confirm-email/", {"code": code[1]})
        assert is_asked(answer)
        assert not EmailAddress.objects.filter(email=THIEF, verified=True).exists()
        # What was typed stands in the form again, and goes through.
        page = browser.post(
            f"{REAUTHENTICATE}?next=/account/confirm-email/",
            {"password": PASSWORD, "next": "/account/confirm-email/"},
            follow=True,
        )
        assert f'value="{code[1]}"' in page.text
        browser.post("/account/confirm-email/", {"code": code[1]})
    assert EmailAddress.objects.filter(email=THIEF, verified=True).exists()


def proves(browser: Client, then: str) -> str:
    sent = {"password": PASSWORD, "next": then}
    return browser.post(f"{REAUTHENTICATE}?next={then}", sent, follow=True).text


def test_it_keeps_what_was_typed_and_does_nothing_by_itself(maya: User) -> None:
    browser = borrowed(maya)
    answer = browser.post("/account/email/", {"action_add": "", "email": "new@people.example"})
    assert answer["Location"] == f"{REAUTHENTICATE}?next=%2Faccount%2Femail%2F"
    page = proves(browser, "/account/email/")
    assert 'value="new@people.example"' in page
    # Who has left words in a browser must not have them done by its owner's password.
    assert not EmailAddress.objects.filter(email="new@people.example").exists()
    assert 'value="new@people.example"' not in browser.get("/account/email/").text
    browser.post("/account/email/", {"action_add": "", "email": "new@people.example"})
    assert "new@people.example" in mail.outbox[-1].to


def test_it_keeps_the_choice_of_leaving_and_deletes_nothing_by_itself(maya: User) -> None:
    browser = borrowed(maya)
    browser.post("/settings/leave/", {"when": "now", "handle": "maya"})
    page = proves(browser, "/settings/leave/")
    assert re.search(r'value="now"[^>]*checked', page) and 'value="maya"' in page
    assert not AccountDeletion.objects.exists()


def test_it_keeps_nothing_for_long_and_nothing_for_another_page(maya: User) -> None:
    browser = borrowed(maya)
    browser.post("/account/email/", {"action_add": "", "email": "new@people.example"})
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert 'value="new@people.example"' not in proves(browser, "/account/email/")
    browser = borrowed(maya)
    browser.post("/account/email/", {"action_add": "", "email": "new@people.example"})
    browser.get("/settings/leave/")
    assert 'value="new@people.example"' not in proves(browser, "/account/email/")


@pytest.mark.parametrize("path", ["/account/password/change/", "/account/2fa/totp/activate/"])
def test_it_writes_no_secret_down(maya: User, path: str) -> None:
    browser = borrowed(maya)
    browser.post(path, {"password1": NEW, "password2": NEW, "code": "135791", "email": "a@b.c"})
    kept = str(dict(browser.session))
    assert NEW not in kept and "135791" not in kept


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/settings/tokens/TOKEN/end/", "/account/sessions/"),
        ("/settings/data/COPY/", "/settings/data/"),
    ],
)
def test_it_leads_back_to_the_page_of_the_button(maya: User, path: str, back: str) -> None:
    key, token = with_key_of_copy(maya), token_of(maya)
    browser = borrowed(maya)
    method = browser.get if "COPY" in path else browser.post
    answer = method(path.replace("COPY", key).replace("TOKEN", token))
    assert answer["Location"] == f"{REAUTHENTICATE}?next={back.replace('/', '%2F')}"


# --- with a second factor -------------------------------------------------------------------------


def test_it_wants_the_code_beside_the_password(maya: User) -> None:
    add_second_factor(maya)
    codes = recovery_codes_of(maya)
    browser = borrowed(maya)
    assert 'name="code"' in browser.get(REAUTHENTICATE).text
    for sent in (
        {"password": PASSWORD},
        {"password": PASSWORD, "code": "000000"},
        {"code": codes[0]},
        {"password": "wrong-password", "code": codes[0]},
    ):
        browser.post(REAUTHENTICATE, sent)
        assert is_asked(browser.post("/account/2fa/totp/deactivate/"))
    browser.post(REAUTHENTICATE, {"password": PASSWORD, "code": codes[0]})
    browser.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=maya, type=Authenticator.Type.TOTP).exists()


def test_it_takes_the_code_of_an_app_and_uses_it_up(maya: User) -> None:
    add_second_factor(maya)
    code = code_now()
    assert not is_asked(freshly(maya, code).get("/account/password/change/"))
    assert is_asked(freshly(maya, code).get("/account/password/change/"))


def test_it_takes_no_code_without_the_password(maya: User) -> None:
    """An app on a borrowed phone is not two things."""
    add_second_factor(maya)
    browser = borrowed(maya)
    answer = browser.get("/account/2fa/reauthenticate/")
    assert answer["Location"].startswith(REAUTHENTICATE)
    browser.post("/account/2fa/reauthenticate/", {"code": code_now()})
    assert is_asked(browser.get("/account/password/change/"))


def test_it_asks_for_the_passkey_of_an_account_with_nothing_else(maya: User) -> None:
    Authenticator.objects.create(user=maya, type=Authenticator.Type.WEBAUTHN, data={})
    browser = borrowed(maya)
    browser.post(REAUTHENTICATE, {"password": PASSWORD})
    answer = browser.get("/settings/leave/")
    assert answer["Location"].startswith("/account/2fa/webauthn/reauthenticate/")


def test_it_uses_up_no_code_for_a_wrong_password(maya: User) -> None:
    add_second_factor(maya)
    codes = recovery_codes_of(maya)
    borrowed(maya).post(REAUTHENTICATE, {"password": "wrong-password", "code": codes[0]})
    assert codes[0] in recovery_codes_of(maya)


# --- programs -------------------------------------------------------------------------------------


def with_token(maya: User) -> dict[str, str]:
    issued = api_tokens.issue(maya)
    assert issued
    return {"Authorization": f"Token {issued[1]}"}


@pytest.mark.parametrize(
    "sent", [{"email": THIEF}, {"handle": "thief"}, {"password": NEW}, {"email": THIEF, "bio": "x"}]
)
def test_it_tells_a_program_that_these_are_changed_on_the_site(
    maya: User, sent: dict[str, str]
) -> None:
    before = state_of(maya)
    for client, headers in ((Client(), with_token(maya)), (browser_of(maya), {})):
        answer = client.patch(
            "/api/v1/accounts/me/", sent, content_type="application/json", headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "fresh_log_in")
    maya.refresh_from_db()
    assert (maya.handle, maya.bio) == ("maya", "")
    assert state_of(maya)[:2] == before[:2]


def test_it_lets_a_program_send_back_what_it_got(maya: User) -> None:
    headers = with_token(maya)
    got = Client().get("/api/v1/accounts/me/", headers=headers).json()
    answer = Client().patch(
        "/api/v1/accounts/me/",
        {**got, "bio": "Rivers"},
        content_type="application/json",
        headers=headers,
    )
    assert (answer.status_code, answer.json()["bio"]) == (200, "Rivers")


@pytest.mark.parametrize("path", READING)
def test_it_shows_a_token_nothing_that_opens_the_account(maya: User, path: str) -> None:
    if "recovery" in path or "deactivate" in path:
        add_second_factor(maya)
        recovery_codes_of(maya)
    key = with_key_of_copy(maya)
    answer = Client().get(path.replace("COPY", key), headers=with_token(maya))
    assert answer.status_code in {302, 403, 404}


def test_it_lets_a_token_change_nothing_on_pages(maya: User) -> None:
    with_address(maya)
    headers = with_token(maya)
    before = state_of(maya)
    for path, sent in DEEDS:
        answer = Client().post(path.replace("TOKEN", token_of(maya)), sent, headers=headers)
        assert answer.status_code in {302, 403}, path
    assert state_of(maya)[:-3] == before[:-3]
