"""Times as people in different places see them, the reminder on the page, and the pages around it
for everybody.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from tests.browser.axe import SMALL_PHONE, WCAG, by_day_and_night, faults_of
from tests.browser.chromium import DESKTOP
from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
JAKARTA, NEW_YORK = ZoneInfo("Asia/Jakarta"), ZoneInfo("America/New_York")


def schedules(host: Person, title: str, at: dt.datetime) -> str:
    """Fill in the form as a person does, in the zone it offers; return the address of the Space."""
    host.opens("/spaces/new/")
    host.page.locator("[name=title]").fill(title)
    host.page.get_by_text("Schedule", exact=True).click()
    host.page.locator("[name=date]").fill(at.date().isoformat())
    host.page.locator("[name=time]").fill(at.strftime("%H:%M"))
    host.page.get_by_role("button", name="Schedule Space").click()
    host.page.wait_for_url(re.compile(r"/spaces/\w{12}/$"))
    return host.page.url


def tomorrow_at(hour: int, zone: ZoneInfo) -> dt.datetime:
    return (dt.datetime.now(zone) + dt.timedelta(days=2)).replace(
        hour=hour, minute=30, second=0, microsecond=0
    )


def test_two_people_in_two_zones_see_one_space_at_their_own_times(town: Town) -> None:
    host = town.person()
    at = tomorrow_at(19, JAKARTA)
    host.opens("/spaces/new/")
    assert host.page.locator("[name=time_zone]").input_value() == "Asia/Jakarta", (
        "The browser's own zone is offered."
    )
    url = schedules(host, "Far apart", at)
    for zone in (JAKARTA, NEW_YORK):
        there = at.astimezone(zone)
        for path in (url, "/spaces/?tab=upcoming"):
            reader = town.visitor(zone=str(zone))
            reader.opens(path)
            shown = reader.page.locator(
                f"main time[datetime^='{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M}']"
            ).first
            expect(shown).to_be_visible()
            expect(reader.page.locator("main")).to_contain_text(f"{there:%H:%M}")
        reader.opens(url)
        expect(reader.page.locator(".before__time")).to_contain_text(
            re.compile(rf"{there:%H:%M} \S+")
        )


def test_a_reminder_is_set_on_the_page_and_kept(town: Town) -> None:
    host, guest = town.person(), town.person()
    url = schedules(host, "Ring me", tomorrow_at(10, JAKARTA))
    guest.opens(url)
    troubles = guest.notes_troubles()
    guest.page.get_by_role("button", name="Set reminder: Ring me").click()
    expect(guest.page.get_by_role("button", name="Reminder set: Ring me")).to_be_visible()
    chip = guest.page.get_by_role("button", name="10 minutes before, too")
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "false")
    guest.opens("/spaces/?tab=upcoming")
    row = guest.page.locator(".agenda__item").filter(has_text="Ring me")
    expect(row).to_contain_text("Reminder set")
    row.get_by_role("button", name="Reminder set: Ring me").click()
    row.get_by_role("button", name="Set reminder: Ring me").click()
    expect(row.get_by_role("button", name="Reminder set: Ring me")).to_be_visible()
    host.opens(url)
    expect(host.page.locator("[data-waiting]")).to_contain_text("1 person wants to be reminded.")
    assert troubles == []


def test_the_calendar_file_opens_elsewhere_at_the_right_instant(town: Town) -> None:
    host, guest = town.person(), town.person()
    at = tomorrow_at(7, JAKARTA)
    url = schedules(host, "Birds", at)
    guest.opens(url)
    with guest.page.expect_download() as downloading:
        guest.page.get_by_role("link", name="Add to calendar").click()
    (event,) = Calendar.from_ical(downloading.value.path().read_bytes()).walk("VEVENT")
    assert event.decoded("dtstart") == at
    assert str(event["summary"]) == "Birds"


@pytest.mark.parametrize("size", [SMALL_PHONE, DESKTOP])
def test_the_pages_have_no_serious_fault_for_those_who_use_them_otherwise(
    town: Town, size: tuple[int, int]
) -> None:
    host, guest = town.person(), town.person(size=size)
    url = schedules(host, "For everybody", tomorrow_at(10, JAKARTA))
    pages = [
        "/spaces/",
        "/spaces/?tab=upcoming",
        "/spaces/?tab=replays",
        "/spaces/?q=everybody",
        "/spaces/?q=nothing",
    ]
    for path in [*pages, "/spaces/calendar/", url, "/spaces/new/"]:
        assert guest.opens(path) == 200, path
        assert faults_of(guest, by_day_and_night(size), WCAG) == []
