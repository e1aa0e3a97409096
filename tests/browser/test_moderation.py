"""Removing, muting and moving people: what the page does and what the server holds to."""

import pytest
from playwright.sync_api import expect

from tests.browser.town import Town
from tests.browser.voices import BLUE, GREEN, RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_removed_person_hears_nothing_more_and_cannot_return(town: Town) -> None:
    host, guest = town.person(RED), town.person()
    host.is_live_in("House rules")
    host.talks()
    guest.listens_to(host.room_url)
    guest.hears(RED)
    host.removes(guest)
    guest.until(lambda: 4403 in guest.close_codes(), "the socket is closed")
    guest.until(lambda: guest.open_connections() == 0, "the sound is cut")
    guest.opens_a_new_tab()
    guest.opens(host.room_url)
    expect(guest.page.locator("main")).to_contain_text("not available")
    assert guest.page.locator("[data-room=listen]:visible").count() == 0


def test_mute_all_spares_the_host_and_people_may_unmute_themselves(town: Town) -> None:
    host, first, second = town.person(RED), town.person(BLUE), town.person(GREEN)
    host.is_live_in("One at a time")
    host.talks()
    for speaker in (first, second):
        speaker.listens_to(host.room_url)
        speaker.asks_to_speak()
        host.approves(speaker)
        speaker.is_on_stage()
        speaker.talks()
    first.hears(GREEN)
    host.mutes_all()
    first.loses(GREEN)
    first.hears(RED)
    assert [first.seat_of(who)["mic"] for who in (host, first, second)] == [True, False, False]
    second.talks()
    first.hears(GREEN)


@pytest.mark.flaky(
    reruns=1, reason="Three Chromiums on two cores: the third may hear the silence a second late."
)
@pytest.mark.alone
def test_a_speaker_moved_down_is_silent_at_once(town: Town) -> None:
    host, speaker, listener = town.person(), town.person(BLUE), town.person()
    host.is_live_in("Thank you for that")
    speaker.listens_to(host.room_url)
    speaker.asks_to_speak()
    host.approves(speaker)
    speaker.is_on_stage()
    speaker.talks()
    listener.listens_to(host.room_url)
    listener.hears(BLUE)
    host.moves_down(speaker)
    listener.loses(BLUE, seconds=3)
    speaker.until(lambda: speaker.role() == "listener", "the speaker listens again")
    speaker.until(lambda: speaker.devices_in_use() == 0, "the microphone is released")


def test_a_second_tab_takes_over_and_the_first_falls_silent(town: Town) -> None:
    host, guest = town.person(RED), town.person()
    host.is_live_in("One presence")
    host.talks()
    guest.listens_to(host.room_url)
    guest.hears(RED)
    first_tab = guest.keeps_the_tab()
    guest.opens_a_new_tab()
    guest.listens_to(host.room_url)
    guest.hears(RED)
    first_tab.until(lambda: 4408 in first_tab.close_codes(), "the first tab is told")
    first_tab.loses(RED)
    expect(first_tab.page.get_by_text("another tab").first).to_be_visible()
    assert host.listener_count() == 1
