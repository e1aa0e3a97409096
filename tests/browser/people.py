"""People at their browsers, as the tests speak of them: `host.starts("…")`, `listener.hears(RED)`.

Every selector of the product that the browser tests rely on is in this module and the three below
it: `screen` looks and listens, `browsing` gets about the site, `knowing` reads what the page knows
of its room; here people act in it.
"""

import re
from contextlib import suppress

from playwright.sync_api import Error, Locator, Page, expect

from tests.browser.knowing import Knowing
from tests.browser.screen import Screen

# The product's hooks. A control is on the page once for a phone and once for a desktop; `shown`
# takes the visible one.
LISTEN = "[data-room=listen]"
MIC = "[data-room=mic]"
CAMERA = "[data-room=camera]"
REQUEST = "[data-room=request]"
LEAVE = "[data-room=leave]"
PEOPLE = "[data-room=people]"
DOCK = "[data-room=dock]"


class Person(Knowing):
    """Somebody at a browser. Verbs are what they do in a room."""

    def keeps_the_tab(self) -> "Tab":
        return Tab(self.page)

    # A Space of one's own

    def opens_a_space(self, title: str) -> None:
        """From the Spaces tab to the green room."""
        self.opens("/")
        self.goes_to("Spaces")
        self.page.locator("main").get_by_role("link", name="Start", exact=True).click()
        self.names_the_space(title)

    def names_the_space(self, title: str, *, video: bool = True) -> None:
        self.page.locator("[name=title]").fill(title)
        self.page.locator("[name=video_enabled]").set_checked(video)
        self.page.locator("button[type=submit][data-setup=now]").click()
        self.page.wait_for_url(re.compile(r"/spaces/\w{12}/$"))
        self.room_url = self.page.url
        # Once the line is open; before that it cannot be pressed and is paler.
        expect(self.page.get_by_role("button", name="Start your Space")).to_be_enabled()

    def allows_microphone(self) -> None:
        """Flip the switch and see the level move."""
        self.page.get_by_role("switch", name="Allow mic access").click()
        meter = self.page.locator("meter.meter")
        self.until(lambda: float(meter.get_attribute("value") or 0) > 0, "a level on the meter")

    def starts(self) -> None:
        self.page.get_by_role("button", name="Start your Space").click()
        self.is_live()

    def is_live_in(self, title: str) -> None:
        """Open and start a Space by the shortest way."""
        self.opens("/spaces/new/")
        self.names_the_space(title)
        self.starts()

    def ends(self) -> None:
        self.presses(LEAVE)
        self.page.locator("[data-room=leave-sheet] [data-room=end]").click()

    # In the room

    def presses(self, hook: str) -> None:
        self.shown(hook).click()

    def shown(self, hook: str) -> Locator:
        return self.page.locator(f"{hook}:visible").first

    def presses_listen(self) -> None:
        self.presses(LISTEN)
        self.until(
            lambda: self.ask("() => window.parley.room?.pageState.media === 'connected'"),
            "the media connection",
        )

    def listens_to(self, url: str) -> None:
        self.room_url = url
        self.opens(url)
        self.presses_listen()

    def enters_again(self) -> None:
        """Come back to the room after a reload, on whatever button it offers; who listened is in it
        already.
        """
        self.opens(self.room_url)
        self.until(lambda: self.shown(LISTEN).count() or self.shown(LEAVE).count(), "the room")
        with suppress(Error):  # It may be about to go by itself.
            if self.shown(LISTEN).count():
                self.shown(LISTEN).click(timeout=2000)
        self.until(lambda: self.shown(LEAVE).count(), "in the room")
        self.until(
            lambda: self.ask("() => Boolean(window.parley?.room?.state)"), "the room's state"
        )

    def talks(self) -> None:
        self.presses(MIC)
        self.until(lambda: self.seat_of(self)["mic"], "the microphone is on")

    def mutes(self) -> None:
        self.presses(MIC)
        self.until(lambda: not self.seat_of(self)["mic"], "the microphone is off")

    def shows_camera(self) -> None:
        self.presses(CAMERA)
        self.until(lambda: self.seat_of(self)["camera"], "the camera is on")

    def asks_to_speak(self, reason: str = "") -> None:
        self.presses(REQUEST)
        sheet = self.page.locator("[data-room=ask-sheet]")
        sheet.locator("[data-room=reason]").fill(reason)
        sheet.locator("[data-room=send-request]").click()
        self.until(lambda: self.state()["me"]["request"] or self.role() == "speaker", "in line")

    def opens_the_panel(self, tab: str) -> None:
        """Show a tab of the panel: requests, people or pinned."""
        if not self.page.locator("[data-room=panel-tabs]:visible").count():
            self.presses(PEOPLE)
        self.page.locator(f"[data-room=tab-{tab}]").click()

    def request_of(self, other: "Person") -> Locator:
        return self.page.locator(f"[data-room=queue] [data-user='{other.user_id()}']:is(li)")

    def sees_the_queue(self, people: "list[Person]") -> None:
        wanted = [person.user_id() for person in people]
        self.opens_the_panel("requests")
        rows = "() => [...document.querySelectorAll('[data-room=queue] > li')].map((row) => Number(row.dataset.user))"
        self.until(lambda: self.ask(rows) == wanted, f"the queue {wanted} on the screen")

    def approves(self, other: "Person") -> None:
        self.opens_the_panel("requests")
        self.request_of(other).locator("[data-room=approve]").click()

    def declines(self, other: "Person") -> None:
        self.opens_the_panel("requests")
        self.request_of(other).locator("[data-room=decline]").click()

    def menu_on(self, other: "Person", item: str) -> None:
        """Open the menu of a person in the people panel and choose."""
        self.opens_the_panel("people")
        self.page.locator(f"[data-room=person-menu][data-user='{other.user_id()}']").click()
        self.page.locator(f"[data-room=face-menu] [data-room={item}]").click()

    def row_of(self, other: "Person") -> Locator:
        """Return a listener's row in the people panel."""
        return self.page.locator(
            f"[data-room=listener-list] [data-user='{other.user_id()}']:is(li)"
        )

    def invites(self, other: "Person", *, as_cohost: bool = False) -> None:
        self.menu_on(other, "invite-cohost" if as_cohost else "invite-speaker")

    def accepts_the_invitation(self) -> None:
        self.page.locator("[data-room=invite-accept]").click()
        self.until(lambda: self.role() in ("speaker", "cohost"), "on stage")

    def hands_over_to(self, other: "Person") -> None:
        self.presses(LEAVE)
        self.page.locator(f"[data-room=hand-over][data-user='{other.user_id()}']").click()

    def accepts_to_host(self) -> None:
        self.page.locator("[data-room=host-accept]").click()

    def removes(self, other: "Person") -> None:
        self.menu_on(other, "remove")
        self.page.locator("[data-room=confirm-remove]").click()

    def moves_down(self, other: "Person") -> None:
        self.menu_on(other, "move-down")

    def mutes_all(self) -> None:
        self.presses("[data-room=more]")
        self.page.locator("[data-room=more-mute-all]").click()

    def reacts(self, emoji: str) -> None:
        self.presses("[data-room=react]")
        self.page.get_by_role("button", name=emoji).first.click()

    def shares_by_message(self, *others: "Person") -> None:
        self.presses("[data-room=share]")
        self.page.locator("[data-room=share-sheet] [data-room=share-message]").click()
        for other in others:
            self.page.locator("[data-picker] [name=q]").fill(other.handle)
            self.page.locator(f"[data-candidates] [name=people][value={other.handle}]").click()
            expect(
                self.page.locator(f"[data-picked] [name=people][value={other.handle}]")
            ).to_be_checked()
        self.page.locator("main").get_by_role("button", name="Send", exact=True).click()
        expect(self.page.get_by_text(f"Sent to {len(others)} people").first).to_be_visible()

    def pins(self, address: str) -> None:
        self.opens_the_panel("pinned")
        self.page.locator("[data-room=pin-url]").fill(address)
        self.page.locator("[data-room=pin-form] button[type=submit]").click()

    def records(self) -> None:
        self.presses("[data-room=more]")
        self.page.locator("[data-room=record]").click()
        self.page.locator("[data-room=record-start]").click()
        self.until(lambda: self.space()["recording"], "REC is on")

    # The dock

    def has_a_dock(self) -> None:
        expect(self.page.locator(f"{DOCK}:visible").first).to_be_visible()

    def has_no_dock(self) -> None:
        expect(self.page.locator(f"{DOCK}:visible")).to_have_count(0)

    def silences_the_dock(self) -> None:
        self.page.locator(f"{DOCK} [data-room=dock-sound]").click()

    def leaves_by_the_dock(self) -> None:
        self.page.locator(f"{DOCK} [data-room=dock-leave]").click()

    def returns_to_the_room(self) -> None:
        self.page.locator(f"{DOCK} [data-room=dock-link]").first.click()
        self.page.wait_for_url(self.room_url)


class Tab(Person):
    """An older tab of somebody who has opened a new one."""

    def __init__(self, page: Page) -> None:
        Screen.__init__(self, page)
