import datetime as dt
import json
import re
from html import unescape

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from spaces.models import Ban, Seat, Space
from spaces.rooms.reactions import named_reactions
from spaces.services import scheduling
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import browser_of
from tests.spaces.town import green_space, live_space, person


def page_of(space: Space, viewer: User | None) -> str:
    return browser_of(viewer).get(space.get_absolute_url()).content.decode()


def scheduled(host: User, ahead: dt.timedelta = dt.timedelta(days=1)) -> Space:
    return scheduling.schedule(host, SpaceDraft("Tea", topics=["Food"]), timezone.now() + ahead)


def test_it_shows_a_live_room_to_a_visitor_with_one_button(maya: User) -> None:
    page = page_of(live_space(maya), None)
    assert 'data-room="page"' in page
    assert page.count('data-room="listen"') == 1
    assert 'data-on-stage="false"' in page


def test_it_offers_every_reaction_by_name(maya: User) -> None:
    page = page_of(live_space(maya), None)
    found = re.search(r'data-reactions="([^"]+)"', page)
    assert found
    assert json.loads(unescape(found[1])) == [list(pair) for pair in named_reactions()]


def test_it_lets_the_host_straight_in(maya: User) -> None:
    page = page_of(live_space(maya), maya)
    assert 'data-on-stage="true"' in page
    assert 'data-room="listen"' not in page


def test_it_shows_a_green_room_to_the_host_alone(maya: User, budi: User) -> None:
    space = green_space(maya)
    assert 'data-state="green"' in page_of(space, maya)
    for viewer in (budi, None):
        assert browser_of(viewer).get(space.get_absolute_url()).status_code == 404


def test_it_shows_a_scheduled_space_with_its_time(maya: User, budi: User) -> None:
    page = page_of(scheduled(maya), budi)
    assert 'data-room="countdown"' in page
    assert "Call it off" not in page


def test_it_offers_the_host_to_change_a_scheduled_space(maya: User) -> None:
    page = page_of(scheduled(maya), maya)
    assert "Call it off" in page
    assert 'data-room="page"' not in page, "too early for the green room"


def test_it_opens_the_green_room_to_the_host_from_15_minutes_before(maya: User, budi: User) -> None:
    space = scheduled(maya, dt.timedelta(minutes=14))
    assert 'data-room="page"' in page_of(space, maya)
    assert 'data-room="page"' not in page_of(space, budi)


def test_it_says_so_when_the_host_is_late(maya: User, budi: User) -> None:
    space = scheduled(maya)
    Space.objects.filter(pk=space.pk).update(
        scheduled_for=timezone.now() - dt.timedelta(minutes=11)
    )
    assert "The host has not started yet. This page opens the room when they do." in page_of(
        space, budi
    )


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("host", "Maya Okafor ended the Space."),
        ("moderators", "This Space was ended by moderators."),
        ("host_lost", "The host lost the connection, so the Space ended."),
        ("too_long", "The Space reached its longest time and ended."),
    ],
)
def test_it_tells_how_a_space_ended_and_how_many_came(
    maya: User, reason: str, sentence: str
) -> None:
    space = live_space(maya)
    scheduling.end(space, maya)
    Space.objects.filter(pk=space.pk).update(end_reason=reason, listened=612, spoke=13)
    page = page_of(space, None)
    assert sentence in page
    assert ">612</dd>" in page
    assert 'data-room="listen"' not in page


def test_it_shows_a_cancelled_space(maya: User) -> None:
    space = scheduled(maya)
    scheduling.cancel(space, maya)
    assert "Maya Okafor called this Space off." in page_of(space, None)


def test_it_says_not_available_and_no_reason(maya: User, budi: User) -> None:
    """The same page for who was blocked, who was removed, and who mistyped."""
    space = live_space(maya)
    relationships.block(maya, budi)
    removed = person("removed")
    Ban.objects.create(space=space, user=removed, by=maya)
    answers = [browser_of(someone).get(space.get_absolute_url()) for someone in (budi, removed)]
    answers.append(browser_of(budi).get(f"/spaces/{'1' * 12}/"))
    for answer in answers:
        assert answer.status_code == 404
        page = answer.content.decode()
        assert "This Space is not available to you" in page
        assert space.title not in page


def test_it_shuts_out_a_host_whom_staff_removed_while_the_room_goes_on(
    maya: User, budi: User
) -> None:
    space = live_space(maya)
    Seat.objects.filter(space=space).update(user=budi, role="cohost")
    assert 'data-room="listen"' in page_of(space, maya), "Moved down is a listener."
    Ban.objects.create(space=space, user=maya)
    assert browser_of(maya).get(space.get_absolute_url()).status_code == 404
    Space.objects.update(state=Space.State.ENDED)
    assert browser_of(maya).get(space.get_absolute_url()).status_code == 200, (
        "What is left of it is the host's own."
    )


def test_it_tells_the_page_whom_the_viewer_blocked(maya: User, budi: User) -> None:
    relationships.block(budi, person("loud"))
    blocked = User.objects.get(handle="loud").pk
    assert f'data-blocked="{blocked}"' in page_of(live_space(maya), budi)


def test_it_writes_names_as_text(maya: User) -> None:
    space = live_space(maya, title="<script>alert(1)</script>")
    page = page_of(space, None)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_it_takes_no_other_method(maya: User) -> None:
    assert browser_of(maya).post(live_space(maya).get_absolute_url()).status_code == 405


@pytest.mark.parametrize("public_id", ["short", "0" * 12, "l" * 12, "a" * 13])
def test_it_has_no_page_for_what_is_no_id(public_id: str) -> None:
    assert browser_of(None).get(f"/spaces/{public_id}/").status_code == 404
