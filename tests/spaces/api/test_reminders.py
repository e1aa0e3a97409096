"""`/api/v1/spaces/<id>/reminder/`: the switch for programs."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.services import relationships
from spaces.models import Reminder, Space
from spaces.services import scheduling
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import browser_of
from tests.spaces.town import live_space, people, person

pytestmark = pytest.mark.django_db


def scheduled() -> Space:
    return scheduling.schedule(
        person("alice"), SpaceDraft("Tea"), timezone.now() + dt.timedelta(days=1), "Asia/Jakarta"
    )


def url(space: Space) -> str:
    return f"/api/v1/spaces/{space.public_id}/reminder/"


def test_it_sets_and_takes_back_a_reminder() -> None:
    space, bob = scheduled(), person("bob")
    browser = browser_of(bob)
    answer = browser.post(url(space), {"early": True}, content_type="application/json")
    assert (answer.status_code, answer.content) == (204, b"")
    assert Reminder.objects.filter(user=bob, kind="early").exists()
    assert browser.post(url(space), {}, content_type="application/json").status_code == 204
    assert not Reminder.objects.filter(user=bob, kind="early").exists()
    assert browser.delete(url(space)).status_code == 204
    assert not Reminder.objects.filter(user=bob).exists()


def test_it_refuses_with_a_code() -> None:
    alice, bob = people("host", "bob")
    live = live_space(alice)
    answer = browser_of(bob).post(url(live), {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_started")
    own = scheduled()
    assert (
        browser_of(own.host).post(url(own), {}, content_type="application/json").json()["code"]
        == "not_allowed"
    )
    bad = browser_of(bob).post(url(own), {"early": "perhaps"}, content_type="application/json")
    assert bad.status_code == 400


def test_it_is_for_those_who_may_see_the_space() -> None:
    space, bob = scheduled(), person("bob")
    assert browser_of(None).post(url(space), {}, content_type="application/json").status_code == 401
    relationships.block(space.host, bob)
    for call in (browser_of(bob).post, browser_of(bob).delete):
        assert call(url(space), {}, content_type="application/json").status_code == 404
    assert not Reminder.objects.filter(user=bob).exists()
