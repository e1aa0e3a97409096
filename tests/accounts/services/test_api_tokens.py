"""API tokens end with what ends the log-ins of browsers, and are not too many."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import User
from accounts.services import api_tokens
from tests.accounts.people import (
    PASSWORD,
    add_second_factor,
    browser_of,
    staff_member,
)

pytestmark = pytest.mark.django_db
NEW = "another-long-sentence"


def token_of(someone: User) -> str:
    issued = api_tokens.issue(someone)
    assert issued
    return issued[1]


def opens(token: str) -> bool:
    answer = Client().get("/api/v1/accounts/me/", headers={"Authorization": f"Token {token}"})
    return answer.status_code == 200


def freshly(someone: User) -> Client:
    EmailAddress.objects.get_or_create(
        user=someone, email=someone.email, verified=True, primary=True
    )
    browser = Client()
    browser.post("/account/login/", {"login": someone.handle, "password": PASSWORD})
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    return browser


def change_password(maya: User) -> None:
    sent = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    freshly(maya).post("/account/password/change/", sent)


def reset_password(maya: User) -> None:
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    browser = Client()
    browser.post("/account/password/reset/", {"email": maya.email})
    words = str(mail.outbox[0].body).split()
    link = next(word for word in words if "/password/reset/key/" in word)
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": NEW, "password2": NEW})


def add_app(maya: User) -> None:
    browser = freshly(maya)
    browser.get("/account/2fa/totp/activate/")
    secret = browser.session["mfa.totp.secret"]
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    browser.post("/account/2fa/totp/activate/", {"code": code})
    assert Authenticator.objects.filter(user=maya, type=Authenticator.Type.TOTP).exists()


def end_all_log_ins(maya: User) -> None:
    freshly(maya).post("/account/sessions/")


def set_password_as_staff(maya: User) -> None:
    sent = {"password1": NEW, "password2": NEW}
    answer = browser_of(staff_member()).post(f"/admin/accounts/user/{maya.pk}/password/", sent)
    assert answer.status_code == 302, answer.text


def set_password_by_command(maya: User) -> None:
    maya.set_password(NEW)
    maya.save(update_fields=["password"])


def lock_password(maya: User) -> None:
    maya.set_unusable_password()
    maya.save()


def add_passkey(maya: User) -> None:
    Authenticator.objects.create(user=maya, type=Authenticator.Type.WEBAUTHN, data={})


@pytest.mark.parametrize(
    "deed",
    [
        change_password,
        reset_password,
        add_app,
        end_all_log_ins,
        set_password_as_staff,
        set_password_by_command,
        lock_password,
        add_passkey,
    ],
)
def test_it_ends_tokens_with_what_ends_log_ins(
    maya: User, budi: User, deed: Callable[[User], None]
) -> None:
    token, others = token_of(maya), token_of(budi)
    deed(maya)
    assert [opens(token), opens(others)] == [False, True]


def test_it_ends_tokens_when_a_second_factor_goes(maya: User) -> None:
    add_second_factor(maya)
    token = token_of(maya)
    Authenticator.objects.get(user=maya).delete()
    assert not opens(token)


def test_it_keeps_tokens_through_what_ends_no_log_in(maya: User) -> None:
    token = token_of(maya)
    maya.display_name = "Maya"
    maya.save()
    RecoveryCodes.activate(maya)
    maya.check_password(PASSWORD)
    freshly(maya).post("/account/logout/")
    assert opens(token)


def test_it_lets_the_oldest_of_twenty_go(maya: User) -> None:
    tokens = []
    for minute in range(21):
        with time_machine.travel(timezone.now() + timedelta(minutes=minute), tick=False):
            tokens.append(token_of(maya))
    assert AuthToken.objects.count() == 20
    assert [opens(token) for token in tokens[:2]] == [False, True]
    assert opens(tokens[-1])


def test_it_gives_no_token_for_a_password_that_was_changed_meanwhile(maya: User) -> None:
    as_it_was = User.objects.get(pk=maya.pk)
    set_password_by_command(maya)
    assert api_tokens.issue(as_it_was) is None
    User.objects.filter(pk=maya.pk).update(is_active=False)
    assert api_tokens.issue(User.objects.get(pk=maya.pk)) is None


def test_it_ends_one_of_ones_own(maya: User, budi: User) -> None:
    mine, other, theirs = token_of(maya), token_of(maya), token_of(budi)
    name_of = {
        row.token_key: row.digest[: api_tokens.NAME_CHARS] for row in AuthToken.objects.all()
    }
    browser = freshly(maya)
    for token in (mine, theirs):
        answer = browser.post(f"/settings/tokens/{name_of[token[:15]]}/end/")
        assert answer["Location"] == "/account/sessions/"
    browser.post(f"/settings/tokens/{name_of[other[:15]][:4]}/end/")
    assert [opens(token) for token in (mine, other, theirs)] == [False, True, True]


def test_it_lists_tokens_beside_the_log_ins(maya: User, budi: User) -> None:
    mine, theirs = token_of(maya), token_of(budi)
    page = browser_of(maya).get("/account/sessions/").text
    assert mine[:6] in page and theirs[:6] not in page
    assert mine[:15] not in page  # Enough to tell it, not more.
    assert page.count("/settings/tokens/") == 1
    assert "Log out everywhere else" in page
    assert "1 program" in browser_of(maya).get("/settings/").text


def test_it_lists_no_token_that_has_run_out(maya: User) -> None:
    token = token_of(maya)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert token[:6] not in browser_of(maya).get("/account/sessions/").text


def test_it_takes_no_other_method_and_no_visitor(maya: User) -> None:
    path = f"/settings/tokens/{'0' * 16}/end/"
    assert browser_of(maya).get(path).status_code == 405
    assert browser_of(None).post(path)["Location"].startswith("/account/login/")
