"""What a page knows of its room, its devices and its connections; no test reads the state in any
other way.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error, Locator, expect

from tests.browser.browsing import Browsing
from tests.browser.screen import PATIENCE_S, POLL_MS, RESTART_S
from tests.browser.voices import GREEN, Voice

TILE = "[data-room=tile]"


class Knowing(Browsing):
    """`is_…`, `sees_…` and `hears` are what somebody must find; `other` is who they look at."""

    # Finding out

    def state(self) -> dict[str, Any]:
        """What the page knows of the room, once the first snapshot is there."""
        found: dict[str, Any] = self.until(
            lambda: self.ask("() => window.parley.room?.state"), "the room's state"
        )
        return found

    def space(self) -> dict[str, Any]:
        found: dict[str, Any] = self.state()["space"]
        return found

    def role(self) -> str:
        return str(self.state()["me"]["role"])

    def user_id(self) -> int:
        return int(
            self.ask(
                "() => window.parley?.room?.state?.me.user?.id ?? Number(document.body.dataset.viewer)"
            )
        )

    def seat_of(self, other: "Knowing") -> dict[str, Any]:
        who = other.user_id()
        return next(
            (seat for seat in self.state()["stage"] if seat["user"]["id"] == who),
            {"mic": False, "camera": False},
        )

    def queue(self) -> list[int]:
        return [one["user"]["id"] for one in self.state()["requests"]]

    def sees_in_line(self, other: "Knowing") -> None:
        self.until(lambda: other.user_id() in self.queue(), "in line")

    def sees_host(self, other: "Knowing") -> None:
        self.until(
            lambda: self.space()["host"]["id"] == other.user_id(), f"{other.handle} is the host"
        )

    def sees_acting_host(self, other: "Knowing | None", seconds: float = PATIENCE_S) -> None:
        wanted = other.user_id() if other else None
        self.until(
            lambda: self.space()["acting_host"] == wanted, f"the acting host is {wanted}", seconds
        )

    def gets_reaction(self, sender: "Knowing", emoji: str) -> None:
        def is_here() -> bool:
            batches = [message["items"] for message in self.heard("reactions")]
            return any(item[:2] == [sender.user_id(), emoji] for items in batches for item in items)

        self.until(is_here, f"{emoji} arrives")

    def place_in_line(self) -> int:
        request = self.state()["me"]["request"]
        return int(request["place"]) if request else 0

    def listener_count(self) -> int:
        return int(self.state()["listeners"]["count"])

    def tiles(self) -> int:
        return self.page.locator(f"{TILE}:visible").count()

    def tile_of(self, other: "Knowing") -> Locator:
        return self.page.locator(f"{TILE}[data-user='{other.user_id()}']")

    def sees_speaking(self, other: "Knowing") -> None:
        """The ring is lit on this face."""
        expect(self.tile_of(other)).to_have_class(re.compile(r"\btile--speaking\b"))

    def pinned(self, text: str) -> Locator:
        return self.page.locator("[data-room=pins]").get_by_text(text).first

    def countdown(self) -> Locator:
        return self.page.locator("[data-room=banner-host-lost]")

    def is_live(self) -> None:
        self.until(lambda: self.space()["state"] == "live", "the Space is live")

    def is_on_stage(self) -> None:
        self.until(lambda: self.role() in ("speaker", "cohost", "host"), "on stage")

    def sees_the_end(self) -> None:
        expect(self.page.locator("[data-room=ended-sheet]")).to_be_visible()

    def heard(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("(kind) => instruments.heard(kind)", kind)
        return found

    # Devices and connections

    def counts_permission_requests(self) -> Callable[[], int]:
        return lambda: int(self.ask("() => instruments.asked()"))

    def devices_in_use(self) -> int:
        return int(self.ask("() => instruments.inUse()"))

    def open_connections(self) -> int:
        return int(self.ask("() => instruments.openConnections()"))

    def watches_for_gaps(self) -> Callable[[], dict[str, Any]]:
        """Start to watch; the result tells the longest silence since then and whether room and page
        are the same.
        """
        self.ask("() => instruments.watchForGaps()")

        def found() -> dict[str, Any]:
            same = self.ask("() => typeof window.watchedDocument === 'symbol'")
            return {"same_page": same, **(self.ask("() => window.gapsFound()") if same else {})}

        return found

    def follows(self, voice: Voice) -> Callable[[float], float]:
        """Listen for this voice from now on. The result waits until it has been away for a second.

        It takes a moment of `time.time()` and returns for how many seconds after it the voice was
        heard. The page looks by itself, so that whatever keeps the test waiting meanwhile is not
        missed.
        """
        self.ask("(hz) => instruments.follow(hz)", voice.tone_hz)

        def heard_after(since: float) -> float:
            look = "(since) => window.followed(since)"
            self.until(
                lambda: self.ask(look, since * 1000)["away_ms"] > 1000,
                f"silence of {voice.tone_hz} Hz",
            )
            return float(self.ask(look, since * 1000)["heard_ms"]) / 1000

        return heard_after

    def sound_received(self) -> int:
        """Return how many packets of sound have come in on the connections that are open."""
        rows = self.ask("() => instruments.inbound('audio')")
        return sum(int(row["packetsReceived"]) for row in rows)

    # Writing to the wire by hand, at a pace that the limit of 20 messages a second allows

    def says(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send one message through the page's own socket and return the answer with the same `ref`."""
        self.page.wait_for_timeout(POLL_MS)
        found: dict[str, Any] = self.ask(
            "([text, ref]) => instruments.say(text, ref)", [json.dumps(message), message.get("ref")]
        )
        return found

    def says_text(self, text: str) -> dict[str, Any]:
        """Send raw text and return the next `error`."""
        self.page.wait_for_timeout(POLL_MS)
        found: dict[str, Any] = self.ask("(text) => instruments.say(text, null)", text)
        return found

    def smuggles_sound(self) -> None:
        """Put a track on the microphone's sender, as a page that ignores its seat would."""
        mid = self.heard("media.offer")[-1]["slots"]["microphone"]
        self.ask("([mid, hz]) => instruments.smuggle(mid, hz)", [mid, GREEN.tone_hz])

    def packets_sent(self) -> int:
        return int(self.ask("() => instruments.packetsSent()"))

    def peer_id(self) -> str:
        return str(self.heard("media.offer")[-1]["peer"])

    def sees_its_socket_again(self) -> None:
        """The room socket is open and answers: after a loss the page has made a new one."""

        def answers() -> bool:
            with suppress(Error):  # None is open yet, or this one was closed before it answered.
                return bool(self.says({"type": "ping", "ref": "again"})["type"] == "pong")
            return False

        self.until(answers, "an open socket", RESTART_S)

    def error_codes(self) -> list[str]:
        return [message["code"] for message in self.heard("error")]

    def close_codes(self) -> list[int]:
        found: list[int] = self.ask("() => instruments.closedWith()")
        return found
