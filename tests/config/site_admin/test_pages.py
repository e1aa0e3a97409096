"""Every page of the staff's site: searched, filtered, and with no link that its reader may not
follow.
"""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import Appeal, Decision, Report, User
from accounts.moderation import appeals, decisions, reports
from accounts.moderation.decisions import Reasons
from posts.services import posting
from spaces.models import Seat, Space
from tests.accounts.people import add_second_factor, browser_of, person, staff_member
from tests.spaces.town import live_space

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def list_of(model: Any) -> str:  # Any: a class of rows.
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def boss(db: None) -> Client:
    return browser_of(staff_member("boss"))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_it_searches_and_filters_every_list(model: Any, boss: Client) -> None:
    UserSession.objects.create(user=person("maya"), ip="127.0.0.1", session_key="maya")
    url = list_of(model)
    page = boss.get(url)
    assert page.status_code == 200
    # Words, an id, and what no column of numbers can hold.
    for query in ("x", "maya", "1", "9" * 30, "a b"):
        assert boss.get(url, {"q": query}).status_code == 200, query
    filters = set(re.findall(r'href="(\?[^"]+)"', page.content.decode()))
    for query in filters:
        assert boss.get(url + html.unescape(query)).status_code == 200, query
    # By every column, up and down.
    width = len(admin.site._registry[model].get_list_display(page.wsgi_request))
    for column in range(1, width + 1):
        assert boss.get(url, {"o": f"{column}.-{column}"}).status_code == 200, column


def test_it_finds_log_ins_by_handle(boss: Client) -> None:
    for handle in ("maya", "budi"):
        UserSession.objects.create(user=person(handle), ip="127.0.0.1", session_key=handle)
    found = boss.get(list_of(UserSession), {"q": "maya"}).context["cl"].result_list
    assert {row.user.handle for row in found} == {"maya"}


@pytest.fixture
def mod(db: None) -> Client:
    """Staff who may moderate and see every row of ours, and no more."""
    someone = person("mod", is_staff=True)
    add_second_factor(someone)
    seen = Permission.objects.filter(
        content_type__app_label__in=("accounts", "posts", "spaces"), codename__startswith="view_"
    )
    someone.user_permissions.add(Permission.objects.get(codename="moderate"), *seen)
    return browser_of(someone)


@pytest.fixture
def town(db: None) -> None:
    """Rows of every kind that name others."""
    boss, maya, budi = staff_member("boss2"), person("maya"), person("budi")
    post = posting.publish(maya, "Hello")
    reports.report(budi, "post", post.pk, Report.Reason.SPAM, "look")
    reports.report(budi, "person", maya.pk, Report.Reason.SPAM, "look")
    why = Reasons("spam", "Stop it")
    decisions.dismiss(Report.objects.get(target_kind="post"), boss, why)
    appeal = appeals.appeal(decisions.suspend(maya, boss, why), "I did not.")
    appeals.answer(appeal, staff_member("boss3"), grant=False, text="You did.")
    live_space(budi)


def pages_of(browser: Client) -> Iterator[tuple[str, str]]:
    for model in MODELS:
        listed = browser.get(list_of(model))
        if listed.status_code != 200:
            continue
        for row in model._default_manager.all()[:3]:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            url = reverse(name, args=[row.pk])
            page = browser.get(url)
            if page.status_code == 200:
                yield url, page.content.decode()


def test_it_links_nothing_that_a_moderator_may_not_open(mod: Client, town: None) -> None:
    followed = 0
    for url, page in pages_of(mod):
        for link in set(re.findall(r'href="(/admin/[^"?#]*)"', page)):
            followed += 1
            # Where it leads may be gone by now, as the post of somebody who was suspended.
            assert mod.get(link, follow=True).status_code in (200, 404), (url, link)
    assert followed > 10


def test_it_links_what_a_superuser_may_open(boss: Client, town: None) -> None:
    seat = Seat.objects.filter(space__state=Space.State.LIVE).select_related("user").first()
    assert seat and Decision.objects.exists() and Appeal.objects.exists()
    appeal = Appeal.objects.get()
    url = reverse("admin:accounts_appeal_change", args=[appeal.pk])
    person_page = reverse("admin:accounts_user_change", args=[appeal.person_id])
    assert f'href="{person_page}"' in boss.get(url).content.decode()
    assert User.objects.filter(pk=appeal.person_id).exists()
