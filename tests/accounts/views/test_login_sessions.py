import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.models import User
from tests.accounts.people import browser_of

LIST = "/account/sessions/"


def logged_in(person: User) -> tuple[Client, int]:
    """Return a browser and the key of its log-in, which the real form writes down and the test
    client does not.
    """
    browser = browser_of(person)
    key = browser.session.session_key
    log_in = UserSession.objects.create(
        user=person, session_key=key, ip="127.0.0.1", user_agent="Firefox/140.0"
    )
    return browser, log_in.pk


def is_logged_in(browser: Client) -> bool:
    return browser.get("/settings/").status_code == 200


def test_it_ends_one_log_in_elsewhere_and_no_other(maya: User) -> None:
    (here, _), (phone, lost), (laptop, _) = logged_in(maya), logged_in(maya), logged_in(maya)
    assert here.post(f"/settings/log-ins/{lost}/end/")["Location"] == LIST
    assert "That device is logged out." in here.get(LIST).content.decode()
    assert [is_logged_in(browser) for browser in (here, phone, laptop)] == [True, False, True]


def test_it_offers_that_for_every_log_in_but_this_one(maya: User) -> None:
    (here, _), (_, other) = logged_in(maya), logged_in(maya)
    page = here.get(LIST).content.decode()
    assert page.count("/settings/log-ins/") == 1
    assert f"/settings/log-ins/{other}/end/" in page


@pytest.mark.parametrize("whose", ["mine, here", "somebody else's", "nobody's"])
def test_it_ends_nothing_else(maya: User, budi: User, whose: str) -> None:
    (here, mine), (stranger, theirs) = logged_in(maya), logged_in(budi)
    pk = {"mine, here": mine, "somebody else's": theirs, "nobody's": 0}[whose]
    assert here.post(f"/settings/log-ins/{pk}/end/").status_code == 302
    assert [is_logged_in(browser) for browser in (here, stranger)] == [True, True]


def test_it_takes_no_other_method_and_no_visitor(maya: User) -> None:
    assert browser_of(maya).get("/settings/log-ins/1/end/").status_code == 405
    assert (
        browser_of(None).post("/settings/log-ins/1/end/")["Location"].startswith("/account/login/")
    )
