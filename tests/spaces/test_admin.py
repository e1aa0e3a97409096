"""What staff see and do in the admin."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from spaces.models import AuditEntry, Space
from tests.spaces.town import live_space, people, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(person("root", is_staff=True, is_superuser=True))
    return client


def test_it_lists_rooms_with_counts_in_a_fixed_number_of_queries(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    for host in people(*(f"host{i}" for i in range(5))):
        live_space(host)
    with django_assert_max_num_queries(12):
        page = staff.get("/admin/spaces/space/")
    assert page.status_code == 200 and b"Enter as moderator" in page.content


def test_it_shows_a_room_with_stage_and_log_and_no_form(staff: Client) -> None:
    space = live_space(person("alice"))
    page = staff.get(f"/admin/spaces/space/{space.pk}/change/")
    assert b"space.start" in page.content and b"Save" not in page.content
    assert staff.post(f"/admin/spaces/space/{space.pk}/change/", {"title": "x"}).status_code == 403
    assert staff.post(f"/admin/spaces/space/{space.pk}/delete/", {"post": "yes"}).status_code == 403


def test_it_ends_rooms_as_moderators(staff: Client) -> None:
    space = live_space(person("alice"))
    body = {"action": "end_rooms", "_selected_action": [space.pk]}
    assert staff.post("/admin/spaces/space/", body).status_code == 302
    ended = Space.objects.get()
    assert (ended.state, ended.end_reason) == ("ended", "moderators")
    assert AuditEntry.objects.filter(action="space.end", actor_role="moderator").exists()


def test_it_keeps_the_log_read_only(staff: Client) -> None:
    live_space(person("alice"))
    entry = AuditEntry.objects.get()
    assert staff.get("/admin/spaces/auditentry/").status_code == 200
    assert staff.get("/admin/spaces/auditentry/add/").status_code == 403
    path = f"/admin/spaces/auditentry/{entry.pk}"
    assert staff.post(f"{path}/change/", {"action": "x"}).status_code == 403
    assert staff.post(f"{path}/delete/", {"post": "yes"}).status_code == 403


def test_it_lets_only_staff_in() -> None:
    client = Client()
    client.force_login(person("bob"))
    assert client.get("/admin/spaces/space/").status_code == 302
    assert User.objects.get().is_staff is False
