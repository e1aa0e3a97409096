"""The pages of leaving: behind a fresh log-in, with one's handle, and the way back."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from accounts import tasks
from accounts.models import AccountDeletion, User
from accounts.services import account_deletion
from tests.accounts.people import PASSWORD, add_second_factor, browser_of
from tests.accounts.queue import keep_tasks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    return keep_tasks(monkeypatch, tasks.empty_account, tasks.mail_deletion_date)


def freshly(person: User) -> Client:
    """A browser whose person has logged in, and given the password once more."""
    EmailAddress.objects.get_or_create(user=person, email=person.email, verified=True, primary=True)
    client = Client()
    answer = client.post("/account/login/", {"login": person.handle, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def test_it_wants_the_password_again(maya: User) -> None:
    answer = browser_of(maya).get("/settings/leave/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/reauthenticate/")
    assert (
        browser_of(maya).post("/settings/leave/", {"when": "now", "handle": "maya"}).status_code
        == 302
    )
    assert not AccountDeletion.objects.exists()


def test_it_says_clearly_what_goes(maya: User) -> None:
    page = freshly(maya).get("/settings/leave/").text
    assert "within 14 days brings everything back" in page
    assert "replays are deleted" in page


@pytest.mark.parametrize(
    "sent", [{"when": "later", "handle": "budi"}, {"when": "never", "handle": "maya"}, {}]
)
def test_it_wants_ones_own_handle_and_a_choice(maya: User, sent: dict[str, str]) -> None:
    assert freshly(maya).post("/settings/leave/", sent).status_code == 422
    assert not AccountDeletion.objects.exists()


def test_it_hides_and_logs_out_and_lets_one_come_back(maya: User) -> None:
    browser = freshly(maya)
    answer = browser.post("/settings/leave/", {"when": "later", "handle": "@Maya"}, follow=True)
    assert "deleted in 14 days" in answer.text
    assert browser.get("/settings/").status_code == 302
    answer = Client().post("/account/login/", {"login": "maya", "password": "wrong"})
    assert answer.status_code == 200  # Not told that somebody is leaving.
    browser = Client()
    answer = browser.post("/account/login/", {"login": "maya", "password": PASSWORD}, follow=True)
    assert "Keep my account" in answer.text
    assert browser.get("/settings/").status_code == 302  # Asked is not logged in.
    assert browser.post("/come-back/", follow=True).redirect_chain == [("/account/login/", 302)]
    assert freshly(maya).get("/settings/").status_code == 200


def test_it_has_no_way_back_for_others(maya: User, budi: User) -> None:
    account_deletion.leave(maya, at_once=False)
    assert Client().get("/come-back/").status_code == 404
    assert browser_of(budi).post("/come-back/").status_code == 404
    assert AccountDeletion.objects.exists()


def test_it_goes_at_once_when_asked(maya: User, worker: list[int]) -> None:
    answer = freshly(maya).post("/settings/leave/", {"when": "now", "handle": "maya"}, follow=True)
    assert "being deleted" in answer.text
    assert worker == [maya.pk]
    answer = Client().post("/account/login/", {"login": "maya", "password": PASSWORD}, follow=True)
    assert "Keep my account" not in answer.text


def leaving_with_a_factor(maya: User) -> tuple[Client, list[str]]:
    """A browser that has given the password of an account with an app, and its recovery codes."""
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    add_second_factor(maya)
    codes = RecoveryCodes.activate(maya).get_unused_codes()
    account_deletion.leave(maya, at_once=False)
    client = Client()
    client.post("/account/login/", {"login": "maya", "password": PASSWORD})
    return client, codes


def test_it_asks_for_the_second_factor_before_the_way_back(maya: User) -> None:
    browser, codes = leaving_with_a_factor(maya)
    assert browser.get("/come-back/").status_code == 404
    assert browser.post("/come-back/").status_code == 404
    assert AccountDeletion.objects.exists()
    answer = browser.post("/account/2fa/authenticate/", {"code": codes[0]}, follow=True)
    assert "Keep my account" in answer.text
    assert browser.get("/settings/").status_code == 302  # Asked is not logged in.
    browser.post("/come-back/")
    assert not AccountDeletion.objects.exists()


def test_it_has_no_way_back_with_a_wrong_code(maya: User) -> None:
    browser, _codes = leaving_with_a_factor(maya)
    answer = browser.post("/account/2fa/authenticate/", {"code": "000000"})
    assert "Keep my account" not in answer.text
    assert browser.post("/come-back/").status_code == 404
    assert AccountDeletion.objects.exists()


def test_it_asks_for_a_passkey_before_the_way_back(maya: User) -> None:
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    Authenticator.objects.create(user=maya, type=Authenticator.Type.WEBAUTHN, data={})
    account_deletion.leave(maya, at_once=False)
    browser = Client()
    answer = browser.post("/account/login/", {"login": "maya", "password": PASSWORD})
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert browser.post("/come-back/").status_code == 404


def test_it_logs_in_nobody_who_left_between_password_and_code(maya: User) -> None:
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    add_second_factor(maya)
    codes = RecoveryCodes.activate(maya).get_unused_codes()
    browser = Client()
    browser.post("/account/login/", {"login": "maya", "password": PASSWORD})
    account_deletion.leave(maya, at_once=False)
    answer = browser.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert answer["Location"] == "/come-back/"
    assert "_auth_user_id" not in browser.session


def test_it_takes_no_proof_for_a_deletion_that_was_asked_for_later(maya: User) -> None:
    account_deletion.leave(maya, at_once=False)
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    browser = Client()
    browser.post("/account/login/", {"login": "maya", "password": PASSWORD})
    assert browser.get("/come-back/").status_code == 200
    account_deletion.come_back(maya)
    account_deletion.leave(maya, at_once=False)
    assert browser.post("/come-back/").status_code == 404
