import json
from datetime import time

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import NotificationPreferences, PushSubscription, User
from accounts.notifications import email, preferences, vapid
from accounts.notifications.preferences import NotificationTopic
from tests.accounts.people import browser_of
from tests.html import folded

P256DH = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
GOOD = {
    "endpoint": "http://127.0.0.1:9/push/one",
    "keys": {"p256dh": P256DH, "auth": "tBHItJI5svbpez7KI4CCXg"},
}
PAGE = "/settings/notifications/"


def post(browser: Client, said: object, path: str = f"{PAGE}push/") -> object:
    return browser.post(
        path, said if isinstance(said, str) else json.dumps(said), content_type="application/json"
    )


def test_it_saves_switches_and_quiet_hours(maya: User) -> None:
    browser = browser_of(maya)
    assert browser.get("/settings/").text.count(PAGE) == 1
    form = {
        "on": ["replies.push", "likes.push"],
        "is_quiet": "on",
        "quiet_from": "22:00",
        "quiet_until": "07:00",
    }
    assert browser.post(PAGE, form)["Location"] == PAGE
    wish = preferences.of_user(maya)
    assert wish.wanting("push") == {NotificationTopic.REPLIES, NotificationTopic.LIKES}
    assert wish.wanting("email") == set()
    assert (wish.quiet_from, wish.quiet_until) == (time(22), time(7))
    page = folded(browser.get(PAGE))
    assert 'value="22:00"' in page
    assert 'value="likes.push" checked' in page
    assert 'value="mentions.push" checked' not in page
    browser.post(PAGE, {"quiet_from": "22:00", "quiet_until": "07:00"})
    assert NotificationPreferences.objects.get().quiet_from is None


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        ("", "07:00", "begin and end"),
        ("22:00", "22:00", "are none"),
        ("25:00", "07:00", "valid time"),
        ("x", "y", "valid time"),
    ],
)
def test_it_refuses_hours_that_are_none(maya: User, begin: str, end: str, said: str) -> None:
    answer = browser_of(maya).post(
        PAGE, {"is_quiet": "on", "quiet_from": begin, "quiet_until": end}
    )
    assert (answer.status_code, said in answer.text) == (422, True)
    assert not NotificationPreferences.objects.exists()


def test_it_takes_a_browser_and_lets_it_go(maya: User, budi: User) -> None:
    browser = browser_of(maya)
    assert post(browser, GOOD).status_code == 201  # type: ignore[attr-defined]
    row = PushSubscription.objects.get()
    assert (row.user, row.session_key) == (maya, browser.session.session_key)
    assert vapid.public_key() in browser.get(PAGE).text
    post(browser_of(budi), {"endpoint": GOOD["endpoint"]}, f"{PAGE}push/off/")
    browser_of(budi).post(f"{PAGE}browsers/{row.pk}/remove/")
    assert PushSubscription.objects.exists()  # Not theirs.
    post(browser, {"endpoint": GOOD["endpoint"]}, f"{PAGE}push/off/")
    assert not PushSubscription.objects.exists()
    post(browser, GOOD)
    browser.post(f"{PAGE}browsers/{PushSubscription.objects.get().pk}/remove/")
    assert not PushSubscription.objects.exists()


BAD = [
    ("", "bad_keys"),
    ("[]", "bad_keys"),
    ({"endpoint": GOOD["endpoint"]}, "bad_keys"),
    (GOOD | {"keys": {}}, "bad_keys"),
    (GOOD | {"keys": {"p256dh": P256DH, "auth": "short"}}, "bad_keys"),
    (GOOD | {"keys": {"p256dh": "x" * 5000, "auth": "tBHItJI5svbpez7KI4CCXg"}}, "bad_keys"),
    (GOOD | {"endpoint": None}, "bad_endpoint"),
    (GOOD | {"endpoint": "https://10.0.0.1/x"}, "bad_endpoint"),
    (GOOD | {"endpoint": "javascript:alert(1)"}, "bad_endpoint"),
    (GOOD | {"padding": "x" * 9000}, "bad_keys"),
]


@pytest.mark.parametrize(("said", "code"), BAD)
def test_it_refuses_what_no_browser_sends(maya: User, said: object, code: str) -> None:
    answer = post(browser_of(maya), said)
    assert (answer.status_code, answer.json()["code"]) == (422, code)  # type: ignore[attr-defined]
    assert not PushSubscription.objects.exists()


def test_it_is_for_people_with_an_account(db: None) -> None:
    visitor = browser_of(None)
    assert visitor.get(PAGE)["Location"].startswith("/account/login/")
    for path in (f"{PAGE}push/", f"{PAGE}push/off/"):
        assert post(visitor, GOOD, path).status_code == 403  # type: ignore[attr-defined]
        assert visitor.get(path).status_code == 405
    assert (
        Client(enforce_csrf_checks=True)
        .post(f"{PAGE}push/", "{}", content_type="application/json")
        .status_code
        == 403
    )


def test_it_ends_letters_in_one_click_and_only_by_a_post(maya: User) -> None:
    path = reverse("accounts:unsubscribe", args=[email.token_of(maya)])
    mail_program = Client(enforce_csrf_checks=True)
    assert "End the e-mails?" in mail_program.get(path).text
    assert preferences.of_user(maya).wanting("email")
    answer = mail_program.post(path, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, "No more e-mails" in answer.text) == (200, True)
    assert preferences.of_user(maya).wanting("email") == set()
    assert preferences.of_user(maya).wanting("push")


@pytest.mark.parametrize("token", ["x", "1:abc:def", "1"])
def test_it_ends_nothing_for_a_forged_link(maya: User, token: str) -> None:
    for method in ("get", "post"):
        assert getattr(browser_of(None), method)(f"/unsubscribe/{token}/").status_code == 404
    assert preferences.of_user(maya).wanting("email")


@pytest.mark.parametrize(("path", "status"), [("push/", 422), ("push/off/", 200)])
def test_it_takes_a_form_for_no_subscription(maya: User, path: str, status: int) -> None:
    """The check against forgery has read its body by then, which can be read once."""
    assert browser_of(maya).post(f"{PAGE}{path}", {"endpoint": "x"}).status_code == status
