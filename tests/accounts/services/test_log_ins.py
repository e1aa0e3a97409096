"""Other log-ins end with whatever opens the account in another way from now on."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.models import User
from tests.accounts.fresh import code_now, recovery_codes_of, with_address
from tests.accounts.people import (
    PASSWORD,
    add_second_factor,
    browser_of,
    staff_member,
)

pytestmark = pytest.mark.django_db
NEW = "another-long-sentence"


def logged_in(maya: User) -> Client:
    """By the form, which writes the log-in down."""
    with_address(maya)
    browser = Client()
    browser.post("/account/login/", {"login": maya.handle, "password": PASSWORD})
    assert is_in(browser)
    return browser


def fresh(maya: User) -> Client:
    browser = logged_in(maya)
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/settings/").status_code == 200


def add_app(browser: Client) -> None:
    browser.get("/account/2fa/totp/activate/")
    secret = browser.session["mfa.totp.secret"]
    browser.post("/account/2fa/totp/activate/", {"code": code_now(secret)})


def change_password(browser: Client) -> None:
    browser.post("/account/password/change/", {"password1": NEW, "password2": NEW})


@pytest.mark.parametrize("deed", [add_app, change_password])
def test_it_ends_the_others_and_keeps_this_one(maya: User, deed: Callable[[Client], None]) -> None:
    phone, here = logged_in(maya), fresh(maya)
    deed(here)
    assert [is_in(phone), is_in(here)] == [False, True]


def test_it_ends_the_others_when_the_factor_goes(maya: User) -> None:
    here = fresh(maya)
    add_app(here)
    codes = recovery_codes_of(maya)
    phone = Client()
    phone.post("/account/login/", {"login": "maya", "password": PASSWORD})
    phone.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert is_in(phone)
    here.post("/account/reauthenticate/", {"password": PASSWORD, "code": codes[1]})
    here.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=maya).exists()
    assert [is_in(phone), is_in(here)] == [False, True]


def test_it_ends_all_when_staff_take_the_factor_away(maya: User) -> None:
    phone = logged_in(maya)
    add_second_factor(maya)
    assert not is_in(phone)  # A command or the admin: no browser of hers asked.
    assert not UserSession.objects.filter(user=maya).exists()


def test_it_leaves_everybody_else_alone(maya: User, budi: User) -> None:
    other, staff = logged_in(budi), browser_of(staff_member())
    add_app(fresh(maya))
    assert is_in(other) and is_in(staff)


def test_it_ends_nothing_for_new_recovery_codes(maya: User) -> None:
    add_second_factor(maya)
    codes = recovery_codes_of(maya)
    with_address(maya)
    phone, here = Client(), Client()
    for browser, code in ((phone, codes[0]), (here, codes[1])):
        browser.post("/account/login/", {"login": "maya", "password": PASSWORD})
        browser.post("/account/2fa/authenticate/", {"code": code})
    here.post("/account/reauthenticate/", {"password": PASSWORD, "code": codes[2]})
    here.post("/account/2fa/recovery-codes/generate/")
    assert codes[3] not in recovery_codes_of(maya)
    assert [is_in(phone), is_in(here)] == [True, True]
