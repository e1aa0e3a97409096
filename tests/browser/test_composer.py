"""Posts: plain ones, and ones that carry a Space."""

import pytest
from playwright.sync_api import expect

from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_post_appears_in_the_timeline(town: Town) -> None:
    author = town.person()
    author.opens("/")
    author.posts("The fish came back.")
    expect(author.post("The fish came back.")).to_be_visible()
    author.page.reload()
    expect(author.post("The fish came back.")).to_be_visible()


def test_a_link_to_a_space_is_a_card_that_follows_the_room(town: Town) -> None:
    host, reader = town.person(), town.person()
    host.is_live_in("A card on the table")
    reader.opens("/")
    reader.posts(f"Come and listen {host.room_url}")
    card = reader.post("Come and listen").locator("[data-space-card]")
    expect(card).to_contain_text("A card on the table")
    expect(card).to_contain_text("Live")
    host.ends()
    # RULES §2: the card follows the room within 10 s.
    expect(card).not_to_contain_text("Live", timeout=15_000)
    expect(card).to_contain_text("A card on the table")
