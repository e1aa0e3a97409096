"""Fleets: who sees them and for how long, who saw them, what remains of them."""

import os
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import pictures
from accounts.models import User
from accounts.services import relationships
from config.http.request_cache import RequestCacheMiddleware
from posts.models import Fleet, FleetView
from posts.services import fleet_row, fleets
from posts.services.posting import Picture
from tests.accounts.people import make_follow, person
from tests.accounts.test_pictures import encoded

pytestmark = pytest.mark.django_db
PUBLIC, FOLLOWERS = Fleet.Audience.PUBLIC, Fleet.Audience.FOLLOWERS


def webp() -> bytes:
    return pictures.reencode(encoded("PNG", (40, 60)), pictures.PHOTO)


def sees(viewer: User | None, fleet: Fleet) -> bool:
    return Fleet.objects.visible_to(viewer).filter(pk=fleet.pk).exists()


def test_it_stands_for_a_day_and_no_longer(maya: User, budi: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        fleet = fleets.publish(maya, "Good morning", None, PUBLIC)
        clock.shift(timedelta(hours=24, seconds=-1))
        assert sees(budi, fleet)
        assert sees(None, fleet)
        clock.shift(timedelta(seconds=1))
        assert not sees(budi, fleet)
        assert not sees(maya, fleet)


@pytest.mark.parametrize(
    ("audience", "is_protected"), list(product([PUBLIC, FOLLOWERS], [False, True]))
)
def test_it_is_for_followers_when_it_or_its_author_says_so(
    maya: User, budi: User, noor: User, audience: Fleet.Audience, is_protected: bool
) -> None:
    User.objects.filter(pk=maya.pk).update(is_protected=is_protected)
    make_follow(budi, maya)
    fleet = fleets.publish(maya, "Hello", None, audience)
    is_open = audience == PUBLIC and not is_protected
    assert [sees(viewer, fleet) for viewer in (maya, budi, noor, None)] == [
        True,
        True,
        is_open,
        is_open,
    ]


@pytest.mark.parametrize("blocker", ["author", "viewer"])
def test_it_is_hidden_across_a_block_either_way(maya: User, budi: User, blocker: str) -> None:
    fleet = fleets.publish(maya, "Hello", None, PUBLIC)
    relationships.block(*((maya, budi) if blocker == "author" else (budi, maya)))
    assert not sees(budi, fleet)


def test_it_goes_with_a_suspended_author(maya: User, budi: User) -> None:
    fleet = fleets.publish(maya, "Hello", None, PUBLIC)
    User.objects.filter(pk=maya.pk).update(is_active=False)
    assert not sees(budi, fleet)


@pytest.mark.parametrize(
    ("words", "code"), [("", "empty"), (" \n\u200b ", "empty"), ("x" * 281, "too_long")]
)
def test_it_refuses_nothing_and_too_much(maya: User, words: str, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        fleets.publish(maya, words, None, PUBLIC)
    assert refusal.value.code == code
    assert not Fleet.objects.exists()


def test_it_refuses_more_than_are_looked_at(maya: User) -> None:
    for number in range(30):
        fleets.publish(maya, str(number), None, PUBLIC)
    with pytest.raises(ValidationError) as refusal:
        fleets.publish(maya, "one more", None, PUBLIC)
    assert refusal.value.code == "too_many"


def test_it_takes_a_picture_alone(maya: User) -> None:
    fleet = fleets.publish(maya, "", Picture(webp(), "A hill\x07 at dusk"), PUBLIC)
    assert (fleet.width, fleet.height, fleet.alt) == (40, 60, "A hill  at dusk")


@pytest.mark.django_db(transaction=True)
def test_it_takes_the_file_along_when_it_goes(maya: User, budi: User) -> None:
    early = fleets.publish(maya, "", Picture(webp()), PUBLIC)
    late = fleets.publish(maya, "words too", Picture(webp()), PUBLIC)
    with pytest.raises(PermissionError):
        fleets.delete(budi, early)
    fleets.delete(maya, early)
    assert not default_storage.exists(str(early.picture))
    assert default_storage.exists(str(late.picture))
    Fleet.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    assert (fleets.sweep(), fleets.sweep()) == (1, 0)
    assert not default_storage.exists(str(late.picture))
    assert not Fleet.objects.exists()


def test_it_clears_files_that_no_fleet_names(maya: User) -> None:
    kept = fleets.publish(maya, "", Picture(webp()), PUBLIC)
    stray = Path(settings.MEDIA_ROOT) / "fleets" / "stray.webp"
    stray.write_bytes(b"x")
    fleets.sweep_files()
    assert stray.exists()  # It may belong to a Fleet that is being put up this second.
    for path in (stray, Path(kept.picture.path)):
        os.utime(path, (0, 0))
    fleets.sweep_files()
    assert not stray.exists()
    assert default_storage.exists(str(kept.picture))


def test_it_tells_its_author_alone_who_saw_it(maya: User, budi: User, noor: User) -> None:
    fleet = fleets.publish(maya, "Hello", None, PUBLIC)
    for viewer in (budi, noor, budi, maya, None):
        fleets.mark_seen(viewer, fleet)
    assert {view.viewer for view in fleets.seen_by(maya, fleet)} == {budi, noor}
    assert FleetView.objects.count() == 2
    with pytest.raises(PermissionError):
        fleets.seen_by(budi, fleet)
    relationships.block(maya, noor)
    assert [view.viewer for view in fleets.seen_by(maya, fleet)] == [budi]


def test_it_rings_a_face_until_everything_was_seen(maya: User, budi: User) -> None:
    first = fleets.publish(maya, "1", None, PUBLIC)
    second = fleets.publish(maya, "2", None, PUBLIC)
    assert fleet_row.rings(budi)[maya.pk].kind == "fleet"
    fleets.mark_seen(budi, second)
    assert fleet_row.rings(budi)[maya.pk].kind == "fleet"
    fleets.mark_seen(budi, first)
    assert fleet_row.rings(budi)[maya.pk].kind == "seen"
    assert fleet_row.rings(maya)[maya.pk].kind == "seen"  # One's own are no news.


def test_it_rings_a_face_as_seen_on_the_page_that_shows_its_fleet(maya: User, budi: User) -> None:
    fleet = fleets.publish(maya, "one", None, PUBLIC)
    kinds: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        kinds.append(fleet_row.rings(budi)[maya.pk].kind)
        fleets.mark_seen(budi, fleet)
        kinds.append(fleet_row.rings(budi)[maya.pk].kind)
        return HttpResponse()

    request = HttpRequest()
    request.method = "GET"
    RequestCacheMiddleware(view)(request)
    assert kinds == ["fleet", "seen"]


@pytest.mark.django_db(transaction=True)
def test_it_shows_at_once_what_came_and_what_went(maya: User, budi: User) -> None:
    assert fleet_row.rings(budi) == {}
    fleet = fleets.publish(maya, "1", None, PUBLIC)
    assert maya.pk in fleet_row.rings(budi)
    assert maya.pk in fleet_row.rings(None)
    fleets.delete(maya, fleet)
    assert fleet_row.rings(budi) == fleet_row.rings(None) == {}


def test_it_puts_followed_people_with_something_new_in_front(
    maya: User, budi: User, noor: User
) -> None:
    eka, stranger = person("eka"), person("stranger")
    make_follow(maya, budi, noor, eka)
    posted = {
        one.handle: fleets.publish(one, "x", None, PUBLIC) for one in (budi, noor, eka, stranger)
    }
    fleets.mark_seen(maya, posted["eka"])
    relationships.mute(maya, noor)
    fleet_row.forget(maya)
    assert [(item.person.handle, item.is_unseen) for item in fleet_row.row_for(maya)] == [
        ("budi", True),
        ("eka", False),
    ]


def test_it_leads_from_person_to_person_in_an_order_that_looking_keeps(
    maya: User, budi: User, noor: User
) -> None:
    eka = person("eka")
    make_follow(maya, budi, noor, eka)
    # Newest first: eka.
    posted = {one.handle: fleets.publish(one, "x", None, PUBLIC) for one in (budi, noor, eka)}
    fleet_row.forget(maya)

    def steps(one: User) -> list[str | None]:
        found = fleet_row.navigation_for(maya, one)
        return [
            item.person.handle if item else None
            for item in (found.before, found.after, found.next_unseen)
        ]

    assert steps(noor) == ["eka", "budi", "budi"]
    fleets.mark_seen(maya, posted["noor"])
    assert steps(noor) == ["eka", "budi", "budi"]
    fleets.mark_seen(maya, posted["budi"])
    assert steps(budi) == ["noor", None, "eka"]  # Round to who was passed over.
    fleets.mark_seen(maya, posted["eka"])
    assert steps(eka) == [None, "noor", None]
    assert fleet_row.navigation_for(maya, person("nobody")) == fleet_row.Navigation(
        None, None, None
    )
