"""The calendar as another program reads it: icalendar, which knows nothing of us."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar

from accounts.models import User
from accounts.services import relationships
from spaces.models import CalendarFeed, Space
from spaces.services import calendar, reminders, scheduling
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import browser_of

NOW = dt.datetime.fromisoformat("2027-03-20T09:00:00+00:00")
# Berlin's clocks go forward on the 28th; the wall-clock time was chosen before.
AFTER_THE_CHANGE = dt.datetime(2027, 3, 29, 19, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture(autouse=True)
def _clock() -> Any:  # Any: a fixture's generator.
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def space(maya: User) -> Space:
    draft = SpaceDraft("Tea, cake; and \\ more", topics=["Food", "Rivers"])
    return scheduling.schedule(maya, draft, AFTER_THE_CHANGE, "Europe/Berlin")


def events_at(path: str, viewer: User | None = None) -> list[Any]:  # Any: icalendar's components.
    answer = browser_of(viewer).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_space_opens_in_an_independent_program_at_the_right_instant(space: Space) -> None:
    (event,) = events_at(f"/spaces/{space.public_id}/calendar.ics")
    assert event.decoded("dtstart") == dt.datetime(2027, 3, 29, 17, 0, tzinfo=dt.UTC)
    assert event.decoded("dtend") - event.decoded("dtstart") == dt.timedelta(hours=1)
    assert str(event["summary"]) == "Tea, cake; and \\ more"
    assert "Food, Rivers" in str(event["description"])
    assert str(event["url"]) == f"http://testserver/spaces/{space.public_id}/"
    assert str(event["status"]) == "CONFIRMED"


def test_it_is_a_file_to_keep(space: Space) -> None:
    answer = browser_of(None).get(f"/spaces/{space.public_id}/calendar.ics")
    assert answer["Content-Disposition"] == f'attachment; filename="{space.public_id}.ics"'


def test_every_line_is_as_short_as_the_standard_wants(maya: User) -> None:
    space = scheduling.schedule(maya, SpaceDraft("茶と" * 30), AFTER_THE_CHANGE, "Europe/Berlin")
    body = browser_of(None).get(f"/spaces/{space.public_id}/calendar.ics").content
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    assert str(Calendar.from_ical(body).walk("VEVENT")[0]["summary"]) == "茶と" * 30


def test_what_people_typed_ends_no_line_and_no_value(maya: User) -> None:
    User.objects.filter(pk=maya.pk).update(display_name="Maya; \\, Ok")
    scheduling.schedule(maya, SpaceDraft("A;b"), AFTER_THE_CHANGE, "Europe/Berlin")
    body = browser_of(None).get("/spaces/of/maya/calendar.ics").content
    assert b"X-WR-CALNAME:Spaces of Maya\\; \\\\\\, Ok\r\n" in body
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert str(event["description"]).startswith("Hosted by Maya; \\, Ok (@maya)\n")


def test_a_moved_one_is_newer_and_a_cancelled_one_says_so(space: Space, maya: User) -> None:
    path = f"/spaces/{space.public_id}/calendar.ics"
    (before,) = events_at(path)
    scheduling.move(space, maya, AFTER_THE_CHANGE + dt.timedelta(days=1), "Europe/Berlin")
    (after,) = events_at(path)
    assert before["uid"] == after["uid"] and after["sequence"] > before["sequence"]
    scheduling.cancel(space, maya)
    (cancelled,) = events_at(path)
    assert str(cancelled["status"]) == "CANCELLED"


def test_it_hides_what_the_page_hides(space: Space, maya: User, budi: User) -> None:
    relationships.block(maya, budi)
    assert browser_of(budi).get(f"/spaces/{space.public_id}/calendar.ics").status_code == 404
    green = scheduling.open_now(budi, SpaceDraft("Now"))
    assert browser_of(None).get(f"/spaces/{green.public_id}/calendar.ics").status_code == 404


def test_ones_own_feed_has_what_one_hosts_and_waits_for(
    space: Space, maya: User, budi: User, noor: User
) -> None:
    other = scheduling.schedule(noor, SpaceDraft("Not for budi"), AFTER_THE_CHANGE, "UTC")
    mine = scheduling.schedule(budi, SpaceDraft("Mine"), AFTER_THE_CHANGE, "UTC")
    reminders.subscribe(budi, space, early=False)
    path = f"/spaces/calendar/{calendar.renew(budi)}.ics"
    assert {str(event["summary"]) for event in events_at(path)} == {space.title, mine.title}
    assert other.title not in browser_of(None).get(path).content.decode()
    relationships.block(maya, budi)
    assert {str(event["summary"]) for event in events_at(path)} == {mine.title}


def test_its_address_is_secret_and_can_be_taken_back(maya: User) -> None:
    browser = browser_of(maya)
    assert "You have no address yet." in browser.get("/spaces/calendar/").content.decode()
    browser.post("/spaces/calendar/", {"do": "renew"})
    first = CalendarFeed.objects.get().secret
    assert len(first) >= 32 and first in browser.get("/spaces/calendar/").content.decode()
    browser.post("/spaces/calendar/", {"do": "renew"})
    second = CalendarFeed.objects.get().secret
    assert browser_of(None).get(f"/spaces/calendar/{first}.ics").status_code == 404
    assert browser_of(None).get(f"/spaces/calendar/{second}.ics").status_code == 200
    browser.post("/spaces/calendar/", {"do": "close"})
    assert browser_of(None).get(f"/spaces/calendar/{second}.ics").status_code == 404


def test_it_ends_with_the_account(maya: User) -> None:
    secret = calendar.renew(maya)
    User.objects.filter(pk=maya.pk).update(is_active=False)
    assert browser_of(None).get(f"/spaces/calendar/{secret}.ics").status_code == 404


def test_nobody_else_has_the_page(maya: User) -> None:
    assert browser_of(None).get("/spaces/calendar/").status_code == 302
    assert browser_of(maya).put("/spaces/calendar/").status_code == 405


def test_a_hosts_feed_is_public_and_holds_what_is(space: Space, maya: User) -> None:
    scheduling.open_now(maya, SpaceDraft("Green"))
    assert [str(event["summary"]) for event in events_at("/spaces/of/maya/calendar.ics")] == [
        space.title
    ]
    User.objects.filter(pk=maya.pk).update(is_active=False)
    assert browser_of(None).get("/spaces/of/maya/calendar.ics").status_code == 404
    assert browser_of(None).get("/spaces/of/nobody/calendar.ics").status_code == 404


@pytest.mark.parametrize(
    ("language", "asked", "name"), [("id", "en", "Space saya"), ("", "id", "My Spaces")]
)
def test_a_feed_is_in_the_language_of_whose_it_is(
    language: str, asked: str, name: str, space: Space, maya: User
) -> None:
    User.objects.filter(pk=maya.pk).update(language=language)
    browser = Client(headers={"accept-language": asked})
    own = browser.get(f"/spaces/calendar/{calendar.renew(maya)}.ics").content.decode()
    assert f"X-WR-CALNAME:{name}" in own
    public = browser.get("/spaces/of/maya/calendar.ics").content.decode()
    feed = browser.get("/spaces/of/maya/feed.xml").content.decode()
    assert ("X-WR-CALNAME:Spaces of Maya" in public) is (language == "")
    assert ("<title>Spaces of Maya" in feed) is (language == "")
