"""What the page of a room does for one person, beside what everybody sees."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import MIC, Person
from tests.browser.town import Town
from tests.browser.voices import BLUE, RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def speaks_in(host: Person, speaker: Person) -> None:
    """Bring somebody on stage."""
    speaker.listens_to(host.room_url)
    speaker.asks_to_speak()
    host.approves(speaker)
    speaker.is_on_stage()


def test_it_tells_who_talks_into_a_muted_microphone(town: Town) -> None:
    host = town.person(RED)
    host.is_live_in("Can you hear me")
    host.talks()
    hint = host.page.locator("[data-room=muted-talk]")
    expect(hint).to_be_hidden()
    host.mutes()
    expect(hint).to_be_visible()
    expect(hint).to_contain_text("You are muted")
    host.talks()
    expect(hint).to_be_hidden()


def test_it_mutes_one_person_for_one_listener_alone(town: Town) -> None:
    host, speaker, listener, other = (
        town.person(RED),
        town.person(BLUE),
        town.person(),
        town.person(),
    )
    host.is_live_in("To each their own")
    host.talks()
    speaks_in(host, speaker)
    speaker.talks()
    for person in (listener, other):
        person.listens_to(host.room_url)
        person.hears(BLUE)
    listener.menu_on(speaker, "mute-for-me")
    listener.loses(BLUE)
    listener.hears(RED)
    other.hears(BLUE)
    assert other.seat_of(speaker)["mic"], "nobody else was muted"
    listener.menu_on(speaker, "mute-for-me")
    listener.hears(BLUE)


def test_it_warns_of_somebody_blocked_on_stage_and_mutes_them(town: Town) -> None:
    host, speaker, listener = town.person(RED), town.person(BLUE), town.person()
    host.is_live_in("Old acquaintances")
    host.talks()
    speaks_in(host, speaker)
    speaker.talks()
    listener.listens_to(host.room_url)
    listener.hears(BLUE)
    listener.menu_on(speaker, "block")
    listener.page.locator("[data-room=confirm-block]").click()
    expect(listener.tile_of(speaker)).to_contain_text("Blocked")
    expect(listener.tile_of(speaker).locator("img")).not_to_be_visible()
    warning = listener.page.locator("[data-room=banner-blocked]")
    expect(warning).to_contain_text("Someone you blocked is on stage")
    listener.loses(BLUE)
    listener.hears(RED)
    listener.page.reload()
    listener.enters_again()
    expect(warning).to_be_visible()
    listener.page.locator("[data-room=stay-with-blocked]").click()
    expect(warning).to_be_hidden()


def test_one_reports_a_person_while_listening_on(town: Town) -> None:
    host, listener = town.person(RED), town.person()
    host.is_live_in("Mind your words")
    host.talks()
    listener.listens_to(host.room_url)
    listener.hears(RED)
    listener.menu_on(host, "report-person")
    listener.page.wait_for_url("**/report/person/**")
    listener.hears(RED)
    listener.page.locator("main input[type=radio]").first.check()
    listener.page.get_by_role("button", name="Send report").click()
    listener.has_a_dock()
    assert host.listener_count() == 1


def test_it_keeps_the_screen_on_for_people_on_stage_alone(town: Town) -> None:
    host, listener = town.person(), town.person()
    host.is_live_in("Wide awake")
    host.until(lambda: host.ask("() => instruments.awake()") == 1, "a lock on the screen")
    listener.listens_to(host.room_url)
    assert listener.ask("() => instruments.awake()") == 0
    host.ends()
    host.until(lambda: host.ask("() => instruments.awake()") == 0, "the lock is let go")


def test_it_shows_the_room_on_the_lock_screen(town: Town) -> None:
    host, listener = town.person(), town.person()
    host.is_live_in("Song for the train")
    listener.listens_to(host.room_url)
    shown = "() => [navigator.mediaSession.metadata?.title, navigator.mediaSession.playbackState]"
    assert listener.ask(shown) == ["Song for the train", "playing"]
    listener.goes_to("Home")
    listener.silences_the_dock()
    assert listener.ask(shown) == ["Song for the train", "paused"]
    listener.leaves_by_the_dock()
    listener.until(
        lambda: listener.ask(shown) == [None, "none"], "nothing is left on the lock screen"
    )


def test_a_moderator_enters_marked_and_keeps_order(town: Town) -> None:
    host, guest, staff = town.person(RED), town.person(), town.moderator()
    host.is_live_in("Under watch")
    host.talks()
    guest.listens_to(host.room_url)
    staff.listens_to(host.room_url)
    assert staff.role() == "moderator"
    expect(staff.page.locator("[data-room=moderator]")).to_be_visible()
    guest.opens_the_panel("people")
    expect(guest.row_of(staff)).to_contain_text("Moderator")
    assert not staff.shown(MIC).count(), "a moderator listens, and talks only when asked on stage"
    staff.menu_on(host, "mute")
    host.until(lambda: not host.seat_of(host)["mic"], "the host is muted")
    staff.removes(guest)
    guest.until(lambda: 4403 in guest.close_codes(), "the guest is out")
    staff.presses("[data-room=more]")
    staff.page.locator("[data-room=more-end]").click()
    staff.page.locator("[data-room=end]").click()
    host.sees_the_end()
    expect(host.page.locator("[data-room=ended-sheet]")).to_contain_text("ended by moderators")


def test_the_host_lets_somebody_back_in(town: Town) -> None:
    host, guest = town.person(), town.person()
    host.is_live_in("Second chances")
    guest.listens_to(host.room_url)
    host.removes(guest)
    guest.until(lambda: 4403 in guest.close_codes(), "the guest is out")
    host.opens_the_panel("people")
    removed = host.page.locator("[data-room=removed-list]")
    expect(removed).to_contain_text("Removed by")
    removed.locator("[data-room=unban]").click()
    expect(removed.locator("li")).to_have_count(0)
    guest.listens_to(host.room_url)
    assert guest.role() == "listener"


def test_the_host_removes_somebody_who_has_left(town: Town) -> None:
    host, guest = town.person(), town.person()
    host.is_live_in("Gone but not forgotten")
    guest.listens_to(host.room_url)
    who = guest.user_id()
    guest.presses("[data-room=leave]")
    host.opens_the_panel("people")
    left = host.page.locator("[data-room=left-list-box]")
    left.locator("summary").click()
    left.locator(f"[data-room=remove-left][data-user='{who}']").click()
    host.page.locator("[data-room=confirm-remove]").click()
    expect(host.page.locator("[data-room=removed-list]")).to_contain_text("Removed by")
    guest.opens(host.room_url)
    expect(guest.page.locator("main")).to_contain_text("not available")


def test_a_space_is_sent_to_several_people_at_once(town: Town) -> None:
    host, one, other = town.person(), town.person(), town.person()
    host.is_live_in("Come and hear")
    host.shares_by_message(one, other)
    for guest in (one, other):
        guest.opens("/messages/requests/")
        guest.page.locator(".thread").first.click()
        card = guest.page.locator("main .space-card")
        expect(card).to_contain_text("Come and hear")
    host.returns_to_the_room()
    host.is_live()
