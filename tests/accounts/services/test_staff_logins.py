"""Staff's powers are those of a log-in that passed the second factor itself."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import Decision, User
from posts.models import Fleet, Post
from posts.services import fleets, posting
from tests.accounts.authenticator_app import code_now
from tests.accounts.log_ins import (
    have_app,
    have_recovery_codes,
    log_in,
    log_in_with,
)
from tests.accounts.people import PASSWORD, browser_of, person

ADMIN = "/admin/accounts/decision/"


@pytest.fixture
def sam(db: None) -> User:
    """Staff without a second factor."""
    return person("sam", is_staff=True, is_superuser=True)


def password_alone(sam: User) -> Client:
    return log_in(sam)


def password_then_new_app(sam: User) -> Client:
    """The session of a password alone adds an app by the site's page."""
    browser = log_in(sam)
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    browser.get("/account/2fa/totp/activate/")
    secret = browser.session["mfa.totp.secret"]
    browser.post("/account/2fa/totp/activate/", {"code": code_now(secret)})
    assert Authenticator.objects.filter(user=sam, type=Authenticator.Type.TOTP).exists()
    return browser


def password_then_asked_again(sam: User) -> Client:
    """The factor was added later, and then asked for, to confirm a change."""
    browser = log_in(sam)
    have_app(sam)
    answer = browser.post("/account/2fa/reauthenticate/", {"code": code_now()})
    assert answer.status_code == 302
    return browser


def password_with_recovery_codes_left(sam: User) -> Client:
    have_recovery_codes(sam)
    return log_in(sam)


def factor_that_is_gone(sam: User) -> Client:
    have_app(sam)
    browser = log_in_with(sam, code_now())
    Authenticator.objects.filter(user=sam).delete()
    return browser


def factor_that_is_another_now(sam: User) -> Client:
    browser = factor_that_is_gone(sam)
    have_app(sam)
    return browser


def code_not_typed_yet(sam: User) -> Client:
    have_app(sam)
    return log_in(sam)


WEAK = [
    password_alone,
    password_then_new_app,
    password_then_asked_again,
    password_with_recovery_codes_left,
    factor_that_is_gone,
    factor_that_is_another_now,
    code_not_typed_yet,
]


def app_code(sam: User) -> Client:
    have_app(sam)
    return log_in_with(sam, code_now())


def recovery_code(sam: User) -> Client:
    have_app(sam)
    return log_in_with(sam, have_recovery_codes(sam)[0])


@pytest.mark.parametrize("log_in_by", WEAK)
def test_it_keeps_the_staffs_site_from_a_log_in_without_the_factor(
    sam: User, maya: User, log_in_by: Callable[[User], Client]
) -> None:
    post = posting.publish(maya, "Hello")
    browser = log_in_by(sam)
    assert browser.get(ADMIN).status_code == 302
    body = {"action": "remove", "_selected_action": [post.pk]}
    assert browser.post(reverse("admin:posts_post_changelist"), body).status_code == 302
    assert Post.objects.filter(pk=post.pk).exists()


@pytest.mark.parametrize("log_in_by", [app_code, recovery_code])
def test_it_opens_the_staffs_site_to_a_log_in_with_the_factor(
    sam: User, log_in_by: Callable[[User], Client]
) -> None:
    assert log_in_by(sam).get(ADMIN).status_code == 200


@pytest.mark.parametrize("log_in_by", WEAK)
def test_it_lets_such_a_log_in_act_as_everybody_in_pages_and_api(
    sam: User, maya: User, log_in_by: Callable[[User], Client]
) -> None:
    post = posting.publish(maya, "Hello")
    browser = log_in_by(sam)
    browser.post(f"/posts/{post.pk}/delete/")
    browser.delete(f"/api/v1/posts/{post.pk}/")
    assert Post.objects.filter(pk=post.pk).exists()


def test_it_lets_a_log_in_with_the_factor_act_as_staff(sam: User, maya: User) -> None:
    browser = app_code(sam)
    post = posting.publish(maya, "Cheap watches")
    fleet = fleets.publish(maya, "Cheaper ones", None, Fleet.Audience.PUBLIC)
    browser.delete(f"/api/v1/posts/{post.pk}/")
    browser.delete(f"/api/v1/fleets/{fleet.pk}/")
    assert not Post.objects.exists() and not Fleet.objects.exists()
    log = Decision.objects.order_by("pk").values_list("actor", "action", "person", "target_text")
    assert list(log) == [
        (sam.pk, "remove", maya.pk, "Cheap watches"),
        (sam.pk, "remove", maya.pk, "Cheaper ones"),
    ], "what staff do by a program's way is in their log, too"


def test_a_token_never_acts_as_staff(sam: User, maya: User) -> None:
    have_app(sam)
    body = {"handle": "sam", "password": PASSWORD, "code": code_now()}
    token = Client().post("/api/v1/auth/token/", body).json()["token"]
    program = Client(headers={"Authorization": f"Token {token}"})
    post = posting.publish(maya, "Hello")
    assert program.get("/api/v1/accounts/me/").status_code == 200
    assert program.delete(f"/api/v1/posts/{post.pk}/").status_code == 403
    assert program.get(ADMIN).status_code == 302


@pytest.mark.parametrize(
    "page", ["/", "/settings/", "/messages/", "/bookmarks/", "/account/email/", "/account/2fa/"]
)
def test_a_token_opens_no_page(maya: User, page: str) -> None:
    _row, token = AuthToken.objects.create(user=maya)
    program = Client(headers={"Authorization": f"Token {token}"})
    answer = program.get(page)
    assert answer.wsgi_request.user.is_anonymous and "maya" not in answer.text


def test_an_account_that_is_no_staff_gains_nothing_by_its_factor(maya: User) -> None:
    have_app(maya)
    assert log_in_with(maya, code_now()).get(ADMIN).status_code == 302


def test_it_tells_staff_how_to_come_in(sam: User) -> None:
    browser = browser_of(sam)
    page = browser.get("/admin/", follow=True)
    assert (page.status_code, page.redirect_chain[-1][0]) == (403, "/admin/login/?next=/admin/")
    assert 'href="/account/2fa/"' in page.text
    have_app(sam)
    page = browser.get("/admin/", follow=True)
    assert 'action="/account/logout/?next=/admin/"' in page.text, "only the log-in is missing"
