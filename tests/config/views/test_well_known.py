from urllib.robotparser import RobotFileParser

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.notifications import email
from spaces.services import calendar
from tests.accounts.people import person

pytestmark = pytest.mark.django_db


def test_it_keeps_machines_out_of_peoples_own_pages(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert {"Disallow: /account/", "Disallow: /api/"} <= set(answer.text.splitlines())


def test_robots_are_told_no_secret_and_may_fetch_calendars(client: Client) -> None:
    body = client.get("/robots.txt").text
    assert settings.ADMIN_PATH not in body and "appeal" not in body and "unsubscribe" not in body
    rules = RobotFileParser()
    rules.parse(body.splitlines())
    for path in ("/spaces/calendar/secret.ics", "/spaces/of/maya/calendar.ics", "/@maya/", "/"):
        assert rules.can_fetch("Googlebot", path), path
    for path in ("/settings/", "/messages/", "/alerts/", "/account/login/"):
        assert not rules.can_fetch("Googlebot", path), path


def test_search_engines_keep_nothing_of_a_secret_address(client: Client) -> None:
    maya = person("maya")
    secret = calendar.renew(maya)
    for path in (
        f"/spaces/calendar/{secret}.ics",
        f"/unsubscribe/{email.token_of(maya)}/",
        f"/{settings.ADMIN_PATH}/",
        f"/{settings.ADMIN_PATH}/login/",
        f"/{settings.ADMIN_PATH}/accounts/user/",
    ):
        assert "noindex" in client.get(path)["X-Robots-Tag"], path
    assert "X-Robots-Tag" not in client.get("/@maya/")


def test_it_has_an_icon_where_browsers_look_for_one(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"] == "/static/img/mark.svg"


def test_it_leads_password_managers_to_the_form(client: Client) -> None:
    assert client.get("/.well-known/change-password")["Location"] == reverse(
        "account_change_password"
    )
