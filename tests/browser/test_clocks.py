"""Devices whose clock is wrong: what is over, to come or counted down goes by the server's."""

import datetime as dt
import re
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import Person
from tests.browser.test_fleets import puts_up
from tests.browser.test_losing_the_host import ACTING_WITHIN_S
from tests.browser.test_messages import know_each_other
from tests.browser.test_times import schedules
from tests.browser.town import Town
from tests.stack.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
HOUR_S = 3600
OFF_S = [5 * HOUR_S, -5 * HOUR_S, 61, -61]
JAKARTA = ZoneInfo("Asia/Jakarta")
# What nobody sets goes on as it is: `performance.now()`, timers.
SET_CLOCK = """
(() => {
  const real = Date;
  window.deviceOffMs = %d;
  const now = () => real.now() + window.deviceOffMs;
  window.Date = new Proxy(real, {
    construct: (target, given) => (given.length ? new target(...given) : new target(now())),
    apply: () => new real(now()).toString(),
    get: (target, name) => (name === "now" ? now : target[name]),
  });
})()
"""


def with_clock_off(person: Person, seconds: int) -> Person:
    person.page.add_init_script(SET_CLOCK % (seconds * 1000))
    return person


def clock_of(banner: Locator) -> Locator:
    return banner.locator(".banner__clock")


def test_a_room_counts_down_by_the_clock_of_the_server(town: Town) -> None:
    host = town.person()
    host.is_live_in("Whatever your watch says")
    guests = [with_clock_off(town.person(), off) for off in OFF_S]
    for guest in guests:
        guest.listens_to(host.room_url)
        expect(guest.page.locator("[data-room=meta]")).to_contain_text(
            re.compile(r"Live\s*[0-2] min")
        )
    for guest in guests:
        host.invites(guest)
        invitation = guest.page.locator("[data-room=banner-invitation]")
        expect(invitation).to_be_visible()
        expect(clock_of(invitation)).to_have_text(re.compile(r"^(1:00|0:[345]\d)$"))
        guest.page.locator("[data-room=invite-decline]").click()
        expect(invitation).to_have_count(0)
    for guest in guests:
        guest.asks_to_speak()
        host.declines(guest)
        expect(guest.shown("[data-room=request]")).to_contain_text(
            re.compile(r"Again in (1:00|0:[345]\d)")
        )
    host.tab_crashes()
    for guest in guests:
        expect(guest.countdown()).to_be_visible(timeout=ACTING_WITHIN_S * 1000)
        expect(clock_of(guest.countdown())).to_have_text(re.compile(r"^1:[2345]\d$"))


def test_a_clock_that_is_set_while_the_room_is_open_changes_nothing(town: Town) -> None:
    host, guest = town.person(), with_clock_off(town.person(), 0)
    host.is_live_in("Set it as you like")
    guest.listens_to(host.room_url)
    guest.ask("(ms) => { window.deviceOffMs = ms }", 5 * HOUR_S * 1000)
    host.invites(guest)
    invitation = guest.page.locator("[data-room=banner-invitation]")
    expect(clock_of(invitation)).to_have_text(re.compile(r"^(1:00|0:[345]\d)$"))
    guest.accepts_the_invitation()
    expect(guest.page.locator("[data-room=meta]")).to_contain_text(re.compile(r"Live\s*[0-2] min"))
    assert guest.ask("() => window.parley.room.pageState.link") == "open"
    host.ends()
    guest.sees_the_end()
    expect(guest.page.locator("[data-room=ended-sheet] .muted")).to_have_text(
        re.compile("^[0-2] min,")
    )


def says_time_left(countdown: Locator, at: dt.datetime) -> bool:
    minutes = int((at - dt.datetime.now(JAKARTA)).total_seconds() // 60)
    return countdown.inner_text() == f"in {minutes // 60} h {minutes % 60:02} min"


def test_pages_go_by_the_clock_of_the_server(town: Town) -> None:
    host = town.person()
    at = (dt.datetime.now(JAKARTA) + dt.timedelta(hours=3)).replace(second=0, microsecond=0)
    url = schedules(host, "In three hours", at)
    readers = [with_clock_off(town.visitor(), off) for off in OFF_S]
    for reader in readers:
        reader.opens(url)
        countdown = reader.page.locator("[data-room=countdown]")
        expect(countdown).to_have_text(re.compile("^in "))
        # It is drawn anew a while after the minute has turned.
        wait_until(partial(says_time_left, countdown, at), "the time that is left", 60)
        is_today = at.date() == dt.datetime.now(JAKARTA).date()
        expect(reader.page.locator(".before__time")).to_contain_text(
            f"{'Today' if is_today else 'Tomorrow'}, {at:%H:%M}"
        )
    host.is_live_in("Live since now")
    for reader in readers:
        reader.opens("/spaces/")
        card = reader.page.locator(".space-card").filter(has_text="Live since now").first
        expect(card).to_contain_text(re.compile("live", re.I))
        expect(card).not_to_contain_text(re.compile(r"\d h "))


def test_fleets_and_messages_go_by_the_clock_of_the_server(town: Town) -> None:
    author = town.person()
    puts_up(author, "Gone tomorrow")
    for off in OFF_S:
        reader = with_clock_off(town.person(), off)
        reader.opens(f"/@{author.handle}/")
        reader.page.get_by_role("link", name=re.compile("New Fleet by")).first.click()
        expect(reader.page.get_by_text("Gone tomorrow").first).to_be_visible()
        reader.page.wait_for_function("() => document.querySelector('[data-bar]').value > 0")
        know_each_other(reader, author)
        mine = reader.page.locator(".letter--mine").filter(has_text="Hello")
        mine.get_by_label("More about this message").click()
        mine.get_by_role("button", name="Delete for everybody").click()
        reader.page.locator("dialog[open] button[value=yes]").click()
        expect(reader.page.get_by_text("Message deleted")).to_be_visible()
