"""Staff at work: a suspension that is heard at once, and the walk from a report to the log."""

import re
import time

import pytest
from playwright.sync_api import WebSocket, expect

from tests.browser.axe import ALL_LOOKS, grave, wear
from tests.browser.chromium import DESKTOP
from tests.browser.people import Person
from tests.browser.staff import make_superuser
from tests.browser.town import Town
from tests.browser.voices import BLUE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
MOST_S = 2.0  # RULES §1.
# A tone is heard for a moment longer: the listener's buffer, the meter's window and the pause it
# wants.
SEEN_S = 0.5


def member_of_staff(town: Town) -> Person:
    someone = town.person()
    make_superuser(town.site, someone)
    return someone


@pytest.mark.flaky(
    reruns=1, reason="Two seconds are measured over three Chromiums and the whole stack."
)
@pytest.mark.alone
def test_a_suspended_speaker_is_silent_within_two_seconds_and_stays_out(town: Town) -> None:
    host, speaker, listener = town.person(), town.person(BLUE), town.person()
    boss = member_of_staff(town)
    closed_at = closings(speaker)
    host.is_live_in("Nobody above the rules")
    speaker.listens_to(host.room_url)
    speaker.asks_to_speak()
    host.approves(speaker)
    speaker.is_on_stage()
    speaker.talks()
    listener.listens_to(host.room_url)
    listener.hears(BLUE)
    boss.opens(f"/admin/accounts/moderateduser/{speaker.user_id()}/change/")
    boss.page.get_by_label("Note").fill("Threats on stage")
    heard_after = listener.follows(BLUE)
    assert not closed_at
    pressed_at = time.time()
    boss.page.get_by_role("button", name="Suspend").click()
    quiet_s = heard_after(pressed_at)
    assert quiet_s <= MOST_S + SEEN_S, f"heard for {quiet_s:.1f} s"
    speaker.until(lambda: closed_at, "the sockets are closed")
    assert min(closed_at) - pressed_at <= MOST_S + SEEN_S
    speaker.until(lambda: speaker.open_connections() == 0, "the media are ended")
    received = listener.sound_received()
    expect(boss.page.locator(".messagelist")).to_contain_text("written down")
    speaker.opens_a_new_tab()
    speaker.opens(host.room_url)
    assert speaker.page.locator("body").get_attribute("data-viewer") == "", "The log-in is over."
    speaker.opens("/account/login/")
    speaker.page.locator("[name=login]").fill(speaker.handle)
    speaker.page.locator("[name=password]").fill("parley-demo")
    speaker.page.locator("main").get_by_role("button", name="Log in").click()
    expect(speaker.page).to_have_url(re.compile("/account/(inactive|login)/"))
    assert listener.sound_received() == received, "Nothing of theirs is forwarded any more."


def closings(person: Person) -> list[float]:
    """Return a list that gets the moment at which each room socket of this page is closed."""
    moments: list[float] = []

    def note(socket: WebSocket) -> None:
        if "/ws/spaces/" in socket.url:
            socket.on("close", lambda _socket: moments.append(time.time()))

    person.page.on("websocket", note)
    return moments


def test_staff_walk_from_a_report_to_the_log(town: Town) -> None:
    host, guest = town.person(), town.person()
    boss = member_of_staff(town)
    troubles = boss.notes_troubles()
    host.is_live_in("Cheap watches, all night")
    guest.opens(host.room_url)
    space = guest.ask("() => document.querySelector('main').dataset.report")
    guest.opens(space)
    guest.page.get_by_text("Spam or a scam").click()
    guest.page.get_by_label("In your words, if you like").fill(
        "They sell things that are not theirs."
    )
    guest.page.get_by_role("button", name="Send report").click()
    expect(guest.page.locator("#toasts")).to_contain_text("Thank you")

    boss.opens("/admin/")
    expect(boss.page.get_by_role("link", name="Cheap watches, all night")).to_be_visible()
    looks_right(boss, troubles)
    boss.page.get_by_role("link", name=re.compile(rf"space · @{host.handle}")).click()
    expect(boss.page.locator("body")).to_contain_text("They sell things that are not theirs.")
    expect(boss.page.locator(".staff-facts-list")).to_contain_text("space.start")
    assert guest.handle not in boss.page.locator("#content").inner_text(), (
        "Who reported stays unnamed."
    )
    looks_right(boss, troubles)
    boss.page.get_by_label("Note").fill("No selling here.")
    boss.page.get_by_role("button", name="End the Space").click()
    expect(boss.page.locator(".messagelist")).to_contain_text("written down")
    expect(boss.page.get_by_role("button", name="End the Space")).to_have_count(0)
    host.until(
        lambda: "moderators" in host.page.locator("body").inner_text(),
        "the host reads who ended it",
    )

    boss.page.get_by_role("link", name=f"@{host.handle}", exact=True).first.click()
    looks_right(boss, troubles)
    boss.page.get_by_label("Suspend for").select_option(label="7 days")
    boss.page.get_by_role("button", name="Suspend").click()
    expect(boss.page.locator("body")).to_contain_text("Suspended until")
    looks_right(boss, troubles)
    boss.opens("/admin/accounts/decision/")
    rows = boss.page.locator("#result_list tbody tr")
    expect(rows.nth(0)).to_contain_text("Suspended")
    expect(rows.nth(1)).to_contain_text("Ended the Space")
    expect(rows.nth(1)).to_contain_text("No selling here.")
    looks_right(boss, troubles)
    assert troubles == [], "The admin is clean under the site's content security policy."


def looks_right(person: Person, troubles: list[str]) -> None:
    """Look at the page in both widths, by day and by night: no fault for those who use it
    otherwise.

    What the checker puts into the page is against its policy too; that is taken off `troubles`.
    """
    before = len(troubles)
    for look in ALL_LOOKS:
        wear(person, look)
        assert grave(person.page) == [], look
        assert not person.ask("() => document.documentElement.scrollWidth > innerWidth"), (
            f"{look} scrolls sideways"
        )
    person.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    del troubles[before:]
