"""What staff see and do in the admin."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Decision, User
from spaces.models import AuditEntry, Seat, Space
from spaces.rooms.state import Role
from tests.accounts.people import let_in
from tests.spaces.town import live_space, people, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    client = Client()
    root = person("root", is_staff=True, is_superuser=True)
    let_in(client, root)
    return client


def seat_speaker(space: Space, user: User) -> None:
    """Put somebody on stage, talking."""
    Seat.objects.create(space=space, user=user, role=Role.SPEAKER, order=1, microphone=True)


def test_it_lists_rooms_with_counts_in_a_fixed_number_of_queries(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    for host in people(*(f"host{i}" for i in range(5))):
        live_space(host)
    with django_assert_max_num_queries(16):
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


def test_it_asks_the_database_no_more_for_more_rooms(staff: Client) -> None:
    def queries(*numbers: int) -> int:
        for number in numbers:
            live_space(person(f"more{number}"))
        staff.get("/admin/spaces/space/")
        with CaptureQueriesContext(connection) as counted:
            staff.get("/admin/spaces/space/")
        return len(counted)

    assert queries(1, 2) == queries(3, 4, 5, 6)


def test_it_acts_in_a_room_from_outside_and_writes_it_down(staff: Client) -> None:
    alice, bob = people("alice", "bob")
    space = live_space(alice)
    seat_speaker(space, bob)
    police = f"/admin/spaces/space/{space.pk}/police/"
    assert b"Mute @bob" in staff.get(f"/admin/spaces/space/{space.pk}/change/").content
    staff.post(police, {"do": f"mute:{bob.pk}", "note": "Too loud"})
    assert not Seat.objects.get(user=bob).microphone
    staff.post(police, {"do": f"put_out:{bob.pk}"})
    assert not Seat.objects.filter(user=bob).exists()
    staff.post(police, {"do": "end"})
    assert Space.objects.get().end_reason == "moderators"
    rows = Decision.objects.order_by("id").values_list("action", "person_handle", "note")
    assert list(rows) == [("mute", "bob", "Too loud"), ("put_out", "bob", ""), ("end", "alice", "")]


@pytest.mark.parametrize("do", ["mute:x", "mute:99999", "dance:1", ""])
def test_it_finds_nothing_to_do_for_nonsense(staff: Client, do: str) -> None:
    space = live_space(person("alice"))
    assert staff.post(f"/admin/spaces/space/{space.pk}/police/", {"do": do}).status_code == 404
    assert Space.objects.get().state == "live" and not Decision.objects.exists()


def test_it_says_what_the_room_refuses(staff: Client) -> None:
    alice = person("alice")
    space = live_space(alice)
    page = staff.post(
        f"/admin/spaces/space/{space.pk}/police/", {"do": f"mute:{person('bob').pk}"}, follow=True
    )
    assert "Not on stage" in page.content.decode() and not Decision.objects.exists()


def test_it_acts_by_post_and_for_those_who_may(staff: Client) -> None:
    space = live_space(person("alice"))
    police = f"/admin/spaces/space/{space.pk}/police/"
    assert staff.get(police).status_code == 405
    helper = person("helper", is_staff=True)
    client = Client()
    let_in(client, helper)
    assert client.post(police, {"do": "end"}).status_code == 403
    assert Space.objects.get().state == "live"
