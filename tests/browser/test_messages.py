"""Direct messages in two windows: live delivery, typing, read marks, numbers at the tabs, voice,
invitations.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import grave
from tests.browser.people import LISTEN, Person
from tests.browser.test_pages import SLOW_MS, picture
from tests.browser.town import Town
from tests.browser.voices import BLUE, RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CONVERSATION = re.compile(r"/messages/\d+/$")
MARK = "() => (window.sameDocument = true)"
IS_SAME = "() => window.sameDocument === true"


def log_of(person: Person) -> Locator:
    return person.page.locator("[data-log]")


def writes(person: Person, text: str) -> None:
    person.page.locator("[data-chat] textarea").fill(text)
    person.page.keyboard.press("Enter")


def count_at(person: Person, name: str) -> Locator:
    return person.page.locator(f"#nav [data-count={name}]")


def is_live(person: Person) -> None:
    person.page.wait_for_function("() => document.documentElement.dataset.live !== undefined")


def know_each_other(one: Person, other: Person) -> str:
    """Let both follow each other and return the address of their conversation."""
    for who, whom in ((one, other), (other, one)):
        who.opens(f"/@{whom.handle}/")
        button = who.page.locator("main .follow button").first
        # The demo's people know some others.
        if "btn--follows" not in (button.get_attribute("class") or ""):
            button.click()
        expect(who.page.locator("main .btn--follows").first).to_be_visible(timeout=SLOW_MS)
    one.opens(f"/messages/to/{other.handle}/")
    writes(one, "Hello")
    one.page.wait_for_url(CONVERSATION)
    return one.path()


def test_a_message_arrives_without_a_reload_with_typing_and_read_marks(town: Town) -> None:
    one, other = town.person(), town.person()
    url = know_each_other(one, other)
    troubles = [one.notes_troubles(), other.notes_troubles()]
    other.opens(url)
    for who in (one, other):
        is_live(who)
        who.ask(MARK)
    one.page.locator("[data-chat] textarea").press_sequentially("Are you ")
    expect(other.page.locator("[data-typing]")).to_contain_text("is writing", timeout=SLOW_MS)
    writes(one, "Are you free around eight?")
    expect(log_of(other)).to_contain_text("around eight", timeout=SLOW_MS)
    expect(other.page.locator("[data-typing]")).to_be_empty()
    expect(one.page.locator("#watch")).to_contain_text("Read", timeout=SLOW_MS)
    writes(other, "Yes, with tea")
    expect(log_of(one)).to_contain_text("with tea", timeout=SLOW_MS)
    expect(log_of(one).locator(".letter")).to_have_count(3)
    expect(log_of(one).locator(".letter--pending")).to_have_count(0)
    assert one.ask(IS_SAME)
    assert other.ask(IS_SAME)
    assert troubles == [[], []]


def test_the_number_stands_in_both_tabs_and_goes_from_both(town: Town) -> None:
    one, other = town.person(), town.person()
    url = know_each_other(one, other)
    other.opens("/alerts/")
    other.opens(url)  # Has read all there is.
    other.opens("/")
    first = other.keeps_the_tab().page
    other.opens_a_new_tab()
    other.opens("/explore/")
    is_live(other)
    writes(one, "One more")
    for page in (first, other.page):
        expect(page.locator("#nav [data-count=messages]")).to_contain_text("1", timeout=SLOW_MS)
        page.wait_for_function("() => document.title.startsWith('(1) ')")
    other.opens(url)
    expect(first.locator("#nav [data-count=messages]")).to_be_hidden(timeout=SLOW_MS)
    first.wait_for_function("() => !document.title.startsWith('(')")


def test_a_message_without_a_line_waits_and_arrives_once(town: Town) -> None:
    one, other = town.person(), town.person()
    know_each_other(one, other)
    one.window.set_offline(True)
    writes(one, "Into the tunnel")
    expect(log_of(one).locator(".letter--pending")).to_contain_text("Not sent yet", timeout=SLOW_MS)
    one.window.set_offline(False)
    expect(log_of(one).locator(".letter--pending")).to_have_count(0, timeout=SLOW_MS)
    expect(log_of(one).locator(".letter", has_text="Into the tunnel")).to_have_count(1)


def test_pictures_go_along_and_a_message_is_taken_back_on_both_screens(
    town: Town, tmp_path: Path
) -> None:
    one, other = town.person(), town.person()
    other.opens(know_each_other(one, other))
    is_live(other)
    one.page.locator("[data-images]").set_input_files(picture(tmp_path / "river.png"))
    one.page.locator(".picked__alt").fill("A river in one colour")
    writes(one, "Look")
    shown = log_of(other).get_by_role("img", name="A river in one colour")
    expect(shown).to_be_visible(timeout=SLOW_MS)
    other.until(
        lambda: shown.evaluate("(image) => image.naturalWidth") == 64, "the picture is loaded"
    )
    mine = log_of(one).locator(".letter", has_text="Look")
    mine.hover()
    mine.locator("summary").click()
    mine.get_by_role("button", name="Delete for everybody").click()
    one.page.locator("dialog [value=yes]").click()
    expect(log_of(other)).to_contain_text("Message deleted", timeout=SLOW_MS)
    expect(shown).to_have_count(0)


def test_a_voice_message_is_recorded_sent_and_played(town: Town) -> None:
    one, other = town.person(RED), town.person(BLUE)
    url = know_each_other(one, other)
    other.opens(url)
    is_live(other)
    one.page.locator("[data-record]").click()
    left = one.page.locator("[data-recorder-left]")
    expect(left).to_contain_text("2:1", timeout=SLOW_MS)  # Two seconds are recorded.
    one.page.locator("[data-recorder-stop]").click()
    expect(one.page.locator("[data-recorder-state]")).to_contain_text("Ready", timeout=SLOW_MS)
    one.page.locator("[data-chat] [type=submit]").click()
    player = log_of(other).locator(".voice [data-voice-play]")
    expect(player).to_be_visible(timeout=SLOW_MS)
    player.click()
    moved = "() => document.querySelector('[data-log] audio').currentTime > 0.3"
    other.until(lambda: other.ask(moved), "the recording plays")
    expect(log_of(other).locator("audio source").first).to_have_attribute(
        "src", re.compile(r"^/posts/voice/\d+\.ogg$")
    )


def test_an_invitation_in_a_message_leads_into_the_live_room(town: Town) -> None:
    host, guest = town.person(RED), town.person()
    url = know_each_other(host, guest)
    host.is_live_in("Tea with friends")
    inviter = host.window.new_page()
    inviter.goto(f"{host.site}/messages/share/?url={host.room_url}")
    inviter.locator("[name=words]").fill("Come in")
    inviter.locator(f".picker__box[value={guest.handle}]").click()
    expect(inviter.locator("[data-picked]")).to_contain_text("Demo")
    inviter.get_by_role("button", name="Send").click()
    inviter.wait_for_url("**/messages/")
    guest.opens(url)
    card = log_of(guest).locator(".space-card", has_text="Tea with friends")
    expect(card).to_contain_text("Live", timeout=SLOW_MS)
    card.get_by_role("link", name="Tea with friends").click()
    guest.page.wait_for_url("**/spaces/*/")
    expect(guest.shown(LISTEN)).to_be_visible(timeout=SLOW_MS)
    guest.presses_listen()


def test_a_log_out_in_one_tab_ends_the_line_of_the_other(town: Town) -> None:
    reader = town.person()
    reader.opens("/explore/")
    is_live(reader)
    left = reader.keeps_the_tab().page
    reader.opens_a_new_tab()
    reader.opens("/settings/")
    reader.page.locator("main").get_by_role("button", name="Log out").click()
    expect(reader.page.locator("main form:has([name=login])")).to_be_visible(timeout=SLOW_MS)
    expect(left.locator("#toasts")).to_contain_text("You are logged out", timeout=5_000)
    assert left.evaluate("() => document.documentElement.dataset.live === undefined")


def test_a_group_is_made_written_to_and_left(town: Town) -> None:
    one, two, three = town.person(), town.person(), town.person()
    know_each_other(one, two)
    know_each_other(one, three)
    one.opens("/messages/new/")
    for who in (two, three):
        one.page.locator("[data-picker] [name=q]").fill(who.handle)
        one.page.locator(f"[data-candidates] .picker__box[value={who.handle}]").click()
    expect(one.page.locator("[data-picked] li")).to_have_count(2)
    one.page.locator("[name=name]").fill("Sambal crew")
    one.page.get_by_role("button", name="Next").click()
    one.page.wait_for_url(CONVERSATION)
    two.opens(one.path())
    is_live(two)
    writes(one, "Chillies?")
    expect(log_of(two)).to_contain_text("Chillies?", timeout=SLOW_MS)
    two.page.locator("summary[aria-label='More about this conversation']").click()
    two.page.get_by_role("button", name="Leave the group").click()
    two.page.locator("dialog [value=yes]").click()
    two.page.wait_for_url("**/messages/")
    expect(log_of(one)).to_contain_text("left", timeout=SLOW_MS)
    assert two.opens(one.path()) == 404


@pytest.mark.parametrize(("width", "height"), [(360, 780), (1440, 900)])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_pages_of_messages_have_no_serious_fault(
    town: Town, width: int, height: int, colours: str
) -> None:
    one, other = town.person(size=(width, height), colours=colours), town.person()
    url = know_each_other(other, one)
    other.opens("/messages/new/")
    for path in (
        "/messages/",
        "/messages/requests/",
        "/messages/new/",
        url,
        f"/messages/share/?url=/@{one.handle}/",
    ):
        one.opens(path)
        assert grave(one.page) == [], path
        assert one.ask("() => document.documentElement.scrollWidth") <= width, (
            f"{path} scrolls sideways"
        )
