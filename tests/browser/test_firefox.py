"""Firefox at `localhost`: it gathers no loopback candidates, and the relay is for this machine
alone.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from media_relay.ice.addresses import own_addresses
from tests.browser import firefox
from tests.browser.firefox import Firefox
from tests.browser.screen import PATIENCE_S
from tests.browser.town import PASSWORD, Town
from tests.browser.voices import RED

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(firefox.executable() is None, reason="No Firefox: apt install firefox-esr."),
    pytest.mark.skipif(len(own_addresses()) < 2, reason="No address but loopback."),
]
# Samples that were decoded and are not made up: what somebody hears.
HEARD = """
  return window.parley.room.peer.stats().then((rows) => rows
    .filter((row) => row.type === "inbound-rtp" && row.kind === "audio")
    .reduce((sum, row) => sum + row.packetsReceived, 0));
"""


@pytest.fixture
def fox(tmp_path: Path) -> Iterator[Firefox]:
    fox = Firefox(tmp_path)
    yield fox
    fox.close()


def test_it_hears_and_sees_in_firefox_on_this_machine(town: Town, fox: Firefox) -> None:
    host = town.person(RED)
    host.is_live_in("Also for Firefox")
    host.talks()
    host.shows_camera()

    fox.opens(f"{town.site.url}/account/login/")
    fox.evaluate(
        """const form = document.querySelector("form:has([name=login])");
        form.login.value = arguments[0]; form.password.value = arguments[1]; form.submit();""",
        town.new_handle(),
        PASSWORD,
    )
    fox.until(lambda: "/login/" not in fox.evaluate("return location.pathname"), "in", PATIENCE_S)
    fox.opens(host.room_url)
    fox.clicks("[data-room=listen]")
    fox.until(
        lambda: fox.evaluate("return window.parley.room?.pageState.media") == "connected",
        "the media connection",
        PATIENCE_S,
    )
    fox.until(lambda: fox.evaluate(HEARD) > 50, "a second of sound", PATIENCE_S)
    # It answers the relay's checks: without that the sound would have ended after 30 s (RFC 7675).
    fox.until(lambda: fox.evaluate(HEARD) > 34 * 50, "34 seconds of sound", 60)
    width = "return document.querySelector('[data-slot=video]').videoWidth"
    fox.until(lambda: fox.evaluate(width) > 0, "a picture", PATIENCE_S)
