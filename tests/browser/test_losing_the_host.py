"""Who is in charge when the host is gone (RULES §6)."""

import pytest
from playwright.sync_api import expect

from tests.browser.town import Town
from tests.browser.voices import BLUE, RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# RULES §6: gone at 15 s; the sweep runs each second, and two stacks share the cores.
ACTING_WITHIN_S = 15 + 10


def test_a_cohost_acts_when_the_hosts_tab_dies_until_the_host_returns(town: Town) -> None:
    host, cohost, listener = town.person(RED), town.person(BLUE), town.person()
    host.is_live_in("The show goes on")
    cohost.listens_to(host.room_url)
    host.invites(cohost, as_cohost=True)
    cohost.accepts_the_invitation()
    cohost.talks()
    listener.listens_to(host.room_url)
    listener.hears(BLUE)

    host.tab_crashes()
    cohost.sees_acting_host(cohost, ACTING_WITHIN_S)
    listener.sees_acting_host(cohost)
    listener.hears(BLUE)

    host.opens_a_new_tab()
    host.enters_again()
    for person in (host, cohost, listener):
        person.sees_acting_host(None)
    assert host.role() == "host"
    assert cohost.role() == "cohost"
    assert not host.seat_of(host)["mic"], "whoever was gone for longer comes back muted"


def test_everyone_sees_a_countdown_when_there_is_no_cohost(town: Town) -> None:
    host, listener = town.person(), town.person()
    host.is_live_in("Is anybody there")
    listener.listens_to(host.room_url)
    host.tab_crashes()
    expect(listener.countdown()).to_be_visible(timeout=ACTING_WITHIN_S * 1000)
    expect(listener.countdown()).to_contain_text("1:")
    host.opens_a_new_tab()
    host.enters_again()
    expect(listener.countdown()).to_be_hidden()
    listener.is_live()


def test_a_host_hands_over_to_a_cohost_at_once(town: Town) -> None:
    host, heir, listener = town.person(), town.person(), town.person()
    host.is_live_in("Passing the hat")
    heir.listens_to(host.room_url)
    host.invites(heir, as_cohost=True)
    heir.accepts_the_invitation()
    listener.listens_to(host.room_url)
    host.hands_over_to(heir)
    for person in (heir, listener):
        person.sees_host(heir)
    assert heir.role() == "host"
    host.until(lambda: host.open_connections() == 0, "the old host has left")
    host.enters_again()
    assert host.role() != "host"
    listener.is_live()


def test_a_speaker_is_asked_before_becoming_host(town: Town) -> None:
    host, speaker = town.person(), town.person()
    host.is_live_in("Would you")
    speaker.listens_to(host.room_url)
    speaker.asks_to_speak()
    host.approves(speaker)
    speaker.is_on_stage()
    host.hands_over_to(speaker)
    expect(speaker.page.locator("[data-room=banner-host-offer]")).to_be_visible()
    assert speaker.role() == "speaker"
    speaker.accepts_to_host()
    speaker.until(lambda: speaker.role() == "host", "the speaker is host")
    host.until(lambda: host.role() != "host", "the old host is not")
