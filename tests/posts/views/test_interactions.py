import re

import pytest
from django.test import Client

from accounts.models import User
from posts.services import posting
from tests.accounts.people import HTMX, browser_of


@pytest.mark.parametrize("what", ["like", "repost", "bookmark"])
def test_it_switches_on_and_off_and_returns_the_button(maya: User, budi: User, what: str) -> None:
    post = posting.publish(maya, "Hello")
    browser = browser_of(budi)
    on = browser.post(f"/posts/{post.pk}/{what}/", {"on": "1"}, headers=HTMX).content.decode()
    off = browser.post(f"/posts/{post.pk}/{what}/", {"on": "0"}, headers=HTMX).content.decode()
    assert 'aria-pressed="true"' in on
    assert 'aria-pressed="false"' in off
    assert "<html" not in on


@pytest.mark.parametrize("what", ["like", "repost", "bookmark"])
def test_it_works_as_a_plain_form(maya: User, what: str) -> None:
    post = posting.publish(maya, "Hello")
    answer = browser_of(maya).post(f"/posts/{post.pk}/{what}/", {"on": "1"})
    assert (answer.status_code, answer["Location"]) == (302, f"/posts/{post.pk}/")


def test_every_page_has_the_form_that_its_buttons_belong_to(maya: User) -> None:
    form = re.compile(r'<form id="marks" method="post"[^>]*><input[^>]* name="csrfmiddlewaretoken"')
    assert len(form.findall(browser_of(maya).get("/").content.decode())) == 1
    assert len(form.findall(browser_of(maya).get("/settings/").content.decode())) == 1
    assert not form.findall(Client().get("/explore/").content.decode())


@pytest.mark.parametrize(
    "path", ["/posts/1/hate/", "/posts/99999/like/", "/posts/" + "9" * 30 + "/like/"]
)
def test_it_answers_not_found_for_what_is_not_there(maya: User, path: str) -> None:
    assert browser_of(maya).post(path, {"on": "1"}).status_code == 404


def test_it_takes_no_link(maya: User) -> None:
    post = posting.publish(maya, "Hello")
    assert browser_of(maya).get(f"/posts/{post.pk}/like/").status_code == 405


def test_it_offers_no_repost_of_a_protected_post(maya: User) -> None:
    User.objects.filter(pk=maya.pk).update(is_protected=True)
    posting.publish(maya, "Among friends")
    assert "/repost/" not in browser_of(maya).get("/@maya/").content.decode()
