import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_it_keeps_machines_out_of_peoples_own_pages(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert {"Disallow: /admin/", "Disallow: /account/", "Disallow: /api/"} <= set(
        answer.text.splitlines()
    )


def test_it_has_an_icon_where_browsers_look_for_one(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"] == "/static/img/mark.svg"


def test_it_leads_password_managers_to_the_form(client: Client) -> None:
    assert client.get("/.well-known/change-password")["Location"] == reverse(
        "account_change_password"
    )
