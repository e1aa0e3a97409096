"""Listening goes on while browsing the site: the page under the room changes, the room does not."""

import pytest

from tests.browser.town import Town
from tests.browser.voices import RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# Beyond the 170 ms that the measuring window bridges; a connection made anew takes far more.
LONGEST_GAP_MS = 400


@pytest.mark.flaky(
    reruns=1, reason="A gap of 400 ms is heard, too, when Chromium itself gets no core for so long."
)
@pytest.mark.alone
def test_it_plays_on_without_a_gap_on_the_way_to_the_timeline_and_back(town: Town) -> None:
    host, listener = town.person(RED), town.person()
    host.is_live_in("Walking about")
    host.talks()
    listener.listens_to(host.room_url)
    listener.hears(RED)

    watch = listener.watches_for_gaps()
    listener.goes_to("Home")
    listener.has_a_dock()
    listener.hears(RED)
    listener.goes_to("Explore")
    listener.hears(RED)
    listener.returns_to_the_room()
    listener.hears(RED)
    found = watch()

    assert found["connections"] == 1, "the room was connected anew"
    assert found["same_page"], "the browser loaded a new page"
    assert found["longest_gap_ms"] < LONGEST_GAP_MS
    assert found["concealed_ms"] < LONGEST_GAP_MS


def test_the_dock_mutes_and_leaves(town: Town) -> None:
    host, listener = town.person(RED), town.person()
    host.is_live_in("Quiet please")
    host.talks()
    listener.listens_to(host.room_url)
    listener.hears(RED)
    listener.goes_to("Home")
    listener.silences_the_dock()
    listener.loses(RED)
    listener.leaves_by_the_dock()
    listener.has_no_dock()
    assert listener.open_connections() == 0


def test_leaving_lets_go_of_microphone_and_camera(town: Town) -> None:
    host = town.person(RED)
    host.is_live_in("Clean hands")
    host.talks()
    host.shows_camera()
    assert host.devices_in_use() > 0
    host.ends()
    host.until(lambda: host.devices_in_use() == 0, "microphone and camera are released")
