"""What is done in another tab, or by others elsewhere, reaches those in the room."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.test_accounts import logs_out
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
LOGGED_OUT = "[data-room=banner-logged-out]"


def comes_on_stage(host: Person, guest: Person) -> None:
    guest.listens_to(host.room_url)
    host.invites(guest)
    guest.accepts_the_invitation()
    guest.is_on_stage()


def test_a_pinned_post_that_is_deleted_is_gone_for_everybody(town: Town) -> None:
    host, listener = town.person(), town.person()
    host.opens("/")
    host.posts("The map of the dam.")
    address = host.address_of_post("The map of the dam.")
    host.is_live_in("Look and forget")
    listener.listens_to(host.room_url)
    host.pins(address)
    expect(listener.pinned("The map of the dam.")).to_be_visible()
    room = host.keeps_the_tab()

    host.opens_a_new_tab()
    host.opens(f"{address}delete/")
    host.page.locator("main").get_by_role("button", name="Delete").click()

    for person in (listener, room):
        expect(person.pinned("The map of the dam.")).to_be_hidden()
        expect(person.page.get_by_text("The map of the dam.")).to_have_count(0)


def test_another_name_and_picture_are_seen_while_on_stage(town: Town, tmp_path: Path) -> None:
    host, listener = town.person(), town.person()
    host.is_live_in("Who was that again")
    listener.listens_to(host.room_url)
    listener.opens_the_panel("people")
    face = listener.tile_of(host).locator("img")
    before = face.get_attribute("src")

    host.opens_a_new_tab()
    host.opens("/settings/profile/")
    host.page.locator("[name=display_name]").fill("Maharani Putri")
    picture = tmp_path / "me.png"
    Image.new("RGB", (400, 400), "teal").save(picture)
    host.page.locator("[name=avatar_file]").set_input_files(picture)
    host.page.locator("main").get_by_role("button", name="Save").first.click()

    expect(listener.tile_of(host)).to_contain_text("Maharani")
    expect(face).not_to_have_attribute("src", before or "")
    row = listener.page.locator("[data-room=stage-list] .row", has_text="Maharani Putri")
    expect(row.locator("img")).to_have_attribute("src", face.get_attribute("src") or "")
    expect(listener.page.locator(".stage__who")).to_contain_text("Maharani Putri")


def test_a_log_out_in_another_tab_frees_the_seat_and_is_said_in_the_room(town: Town) -> None:
    host, speaker = town.person(), town.person()
    host.is_live_in("The door stands open")
    comes_on_stage(host, speaker)
    speaker.talks()
    room = speaker.keeps_the_tab()
    tile = host.tile_of(room)

    speaker.opens_a_new_tab()
    logs_out(speaker)

    expect(tile).to_have_count(0)
    expect(room.page.locator(LOGGED_OUT)).to_contain_text("You are logged out")
    assert room.page.url == host.room_url
    assert room.devices_in_use() == 0
    assert room.open_connections() == 0
    assert room.state()["me"]["user"] is None

    room.page.locator("[data-room=listen-as-visitor]").click()
    room.until(lambda: room.role() == "visitor", "a visitor")
    expect(room.page.locator(LOGGED_OUT)).to_have_count(0)
    room.until(lambda: room.open_connections() == 1, "the sound is back")


def test_a_log_out_leads_to_no_visit_where_visitors_may_not_listen(town: Town) -> None:
    host, listener = town.person(), town.person()
    host.is_live_in("For members")
    closed = "from spaces.models import Space; Space.objects.filter(title='For members')"
    town.site.shell(f"{closed}.update(visitors_allowed=False)")
    listener.listens_to(host.room_url)
    room = listener.keeps_the_tab()

    listener.opens_a_new_tab()
    logs_out(listener)

    expect(room.page.locator(LOGGED_OUT)).to_be_visible()
    expect(room.page.locator("[data-room=listen-as-visitor]")).to_have_count(0)
    room.page.locator("[data-room=log-in-again]").click()
    room.page.wait_for_url("**/account/login/**")
