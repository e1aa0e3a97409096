"""What several people see at the same time: the queue, reactions, pinned posts."""

import pytest
from playwright.sync_api import expect

from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_the_queue_has_one_order_on_every_screen(town: Town) -> None:
    host, cohost, first, second = (town.person() for _ in range(4))
    host.is_live_in("In order of arrival")
    for listener in (cohost, first, second):
        listener.listens_to(host.room_url)
    host.invites(cohost, as_cohost=True)
    cohost.accepts_the_invitation()
    first.asks_to_speak("About the dam")
    first.until(lambda: first.place_in_line() == 1, "first in line")
    second.asks_to_speak("About the fish")
    second.until(lambda: second.place_in_line() == 2, "second in line")
    for screen in (host, cohost):
        screen.sees_the_queue([first, second])
        expect(screen.request_of(first)).to_contain_text("About the dam")
    host.declines(first)
    second.until(lambda: second.place_in_line() == 1, "moved up")
    for screen in (host, cohost):
        screen.sees_the_queue([second])


def test_a_place_in_line_survives_a_reload(town: Town) -> None:
    host, waiting, later = town.person(), town.person(), town.person()
    host.is_live_in("Hold my place")
    for listener in (waiting, later):
        listener.listens_to(host.room_url)
        listener.asks_to_speak()
        host.sees_in_line(listener)
    waiting.page.reload()
    waiting.enters_again()
    assert waiting.place_in_line() == 1
    host.sees_the_queue([waiting, later])


def test_a_reaction_is_seen_on_the_face_by_others(town: Town) -> None:
    host, fan, other = town.person(), town.person(), town.person()
    host.is_live_in("Applause")
    for listener in (fan, other):
        listener.listens_to(host.room_url)
    fan.reacts("👏")
    for person in (host, other):
        person.gets_reaction(fan, "👏")
    host.reacts("💯")
    expect(other.tile_of(host)).to_contain_text("💯")


def test_a_pinned_post_is_there_for_a_late_joiner(town: Town) -> None:
    host, early, late = town.person(), town.person(), town.person()
    host.opens("/")
    host.posts("The map of the river.")
    address = host.address_of_post("The map of the river.")
    host.is_live_in("Look at this")
    early.listens_to(host.room_url)
    host.pins(address)
    expect(early.pinned("The map of the river.")).to_be_visible()
    late.listens_to(host.room_url)
    expect(late.pinned("The map of the river.")).to_be_visible()
