"""People at their browsers, as the tests speak of them: `host.starts("…")`, `listener.hears(RED)`.

Every selector of the product that the browser tests rely on is in this module. `Screen` only looks and listens;
`Person` acts.
"""

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, Response, expect

from tests.browser.voices import GREEN, Voice

PASSWORD = "parley-demo"
PATIENCE_S = 30  # For anything that is not promised faster: two cores run the stack and five browsers.
RESTART_S = 45  # For a process that was killed to be up again while everything else goes on.
POLL_MS = 100

expect.set_options(timeout=PATIENCE_S * 1000)

# The product's hooks. A control is on the page once for a phone and once for a desktop; `_shown` takes the visible one.
LISTEN = "[data-room=listen]"
MIC = "[data-room=mic]"
CAMERA = "[data-room=camera]"
REQUEST = "[data-room=request]"
LEAVE = "[data-room=leave]"
PEOPLE = "[data-room=people]"
TILE = "[data-room=tile]"
DOCK = "[data-room=dock]"


class Screen:
    """What one page shows and plays, measured."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def ask(self, script: str, argument: Any = None) -> Any:  # Any: whatever JSON the page answers.
        return self.page.evaluate(script, argument)

    def until(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE_S) -> Any:
        """Return the first true value of `condition`. Raises AssertionError with `what` after the deadline."""
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"Not within {seconds:g} s: {what}")
            self.page.wait_for_timeout(POLL_MS)  # Lets the page's events be handled while we wait.

    # Sound

    def hears(self, voice: Voice, seconds: float = PATIENCE_S) -> None:
        """The tone of this voice comes out of an element that is playing."""
        self.ask("() => instruments.wakeMeters()")
        self.until(
            lambda: self.ask("(hz) => instruments.hears(hz)", voice.tone_hz), f"hearing {voice.tone_hz} Hz", seconds
        )

    def hears_nothing_of(self, voice: Voice, seconds: float = 3) -> None:
        """For `seconds` in a row the tone of this voice is not in what plays. Phrases pause for less than 0.1 s."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert not self.ask("(hz) => instruments.hears(hz)", voice.tone_hz), f"{voice.tone_hz} Hz is still heard"
            self.page.wait_for_timeout(POLL_MS)

    def loses(self, voice: Voice, seconds: float = PATIENCE_S) -> None:
        """The tone of this voice stops within `seconds` and stays away."""
        quiet_since: list[float] = []

        def is_quiet() -> bool:
            if self.ask("(hz) => instruments.hears(hz)", voice.tone_hz):
                quiet_since.clear()
            elif not quiet_since:
                quiet_since.append(time.monotonic())
            return bool(quiet_since) and time.monotonic() - quiet_since[0] > 1

        self.until(is_quiet, f"silence of {voice.tone_hz} Hz", seconds + 1)

    # Picture

    def picture(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("() => instruments.mainPicture()")
        return found

    def sees(self, voice: Voice, seconds: float = PATIENCE_S) -> None:
        """The largest picture on the page is the camera of this voice."""
        self.until(lambda: self.picture()["colour"] == voice.name, f"seeing the {voice.name} picture", seconds)

    def sees_a_picture(self) -> None:
        """Some camera is in the largest picture, whatever it shows."""
        self.until(lambda: self.ask("() => instruments.hasPicture()"), "a picture")

    def sees_it_move(self) -> None:
        """The white bar of the largest picture walks."""
        places: set[int] = set()

        def has_moved() -> bool:
            bar = self.picture()["bar"]
            if bar >= 0:
                places.add(round(bar))
            return len(places) >= 3

        self.until(has_moved, "a picture that moves")


class Person(Screen):
    """Somebody at a browser. Verbs are what they do, `is_…`, `sees_…` and `hears` what they then must find."""

    def __init__(self, window: BrowserContext, site: str, handle: str) -> None:
        super().__init__(window.new_page())
        window.set_default_timeout(PATIENCE_S * 1000)
        window.set_default_navigation_timeout(PATIENCE_S * 1000)
        self.window = window
        self.site = site
        self.handle = handle
        self.room_url = ""

    # Getting about

    def opens(self, path: str) -> int:
        """Go to an address of the site; return the HTTP status."""
        answer = self.page.goto(path if path.startswith("http") else self.site + path)
        return answer.status if answer else 0

    def path(self) -> str:
        return self.page.url.removeprefix(self.site)

    def goes_to(self, place: str) -> None:
        """Click a link of the main navigation and wait until its page is there."""
        self.page.locator("#nav").get_by_role("link", name=place, exact=True).click()
        expect(self.page.locator("#nav [aria-current=page]")).to_contain_text(place)

    def opens_a_new_tab(self) -> None:
        self.page = self.window.new_page()

    def keeps_the_tab(self) -> "Tab":
        return Tab(self.page)

    def tab_crashes(self) -> None:
        """Kill the renderer: no goodbye, no close frame from the page."""
        with suppress(Error):
            self.page.goto("chrome://crash", timeout=5000)
        self.page.close()

    def settles(self) -> None:
        """Wait until nothing on the page is in motion."""
        self.page.wait_for_function(
            "() => document.getAnimations().every((one) => one.playState !== 'running'"
            " || one.effect.getComputedTiming().iterations === Infinity)"  # The pulse of "Live" never ends.
        )

    def links(self) -> list[str]:
        """Return the addresses of our site that this page links to, without fragments."""
        found: list[str] = self.ask("() => [...document.querySelectorAll('a[href]')].map((link) => link.href)")
        return sorted({link.split("#")[0] for link in found if link.startswith(self.site)})

    def notes_troubles(self) -> list[str]:
        """Return a list that grows with every console error, page error and failed request of this window."""
        troubles: list[str] = []

        def note(text: str) -> None:
            troubles.append(f"{self.path()} {text}")

        def on_console(line: ConsoleMessage) -> None:
            if line.type in ("error", "warning"):
                note(f"console: {line.text}")

        def on_response(answer: Response) -> None:
            if answer.status >= 400:
                note(f"{answer.url} answers {answer.status}")

        self.page.on("console", on_console)
        self.page.on("pageerror", lambda error: note(f"error: {error}"))
        self.page.on("response", on_response)
        return troubles

    # An account

    def logs_in(self, handle: str) -> None:
        self.opens("/account/login/")
        self.page.locator("[name=login]").fill(handle)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("main").get_by_role("button", name="Log in").click()
        self.page.wait_for_url(self.site + "/")
        self.handle = handle

    def signs_up(self, handle: str, address: str, password: str) -> None:
        self.opens("/account/signup/")
        self.page.locator("[name=email]").fill(address)
        self.page.locator("[name=username]").fill(handle)
        self.page.locator("[name=password1]").fill(password)
        self.page.locator("main").get_by_role("button", name="Sign up").click()

    def enters_the_code(self, code: str) -> None:
        self.page.locator("[name=code]").fill(code)
        self.page.locator("main form:has([name=code]) button[type=submit]").first.click()

    # Posts

    def posts(self, text: str) -> None:
        composer = self.page.locator("form[data-composer]").first
        composer.locator("textarea").fill(text)
        composer.locator("[data-send]").click()
        expect(self.post(text.split(" http")[0])).to_be_visible()  # A link at the end becomes a card.

    def post(self, text: str) -> Locator:
        return self.page.locator("main article.post").filter(has_text=text).first

    def address_of_post(self, text: str) -> str:
        link = self.post(text).locator("a.post__when").get_attribute("href")
        assert link
        return link if link.startswith("http") else self.site + link

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
        expect(self.page.get_by_role("button", name="Start your Space")).to_be_visible()

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
        self.until(lambda: self.ask("() => window.parley.room?.local.media === 'connected'"), "the media connection")

    def listens_to(self, url: str) -> None:
        self.room_url = url
        self.opens(url)
        self.presses_listen()

    def enters_again(self) -> None:
        """Come back to the room after a reload, on whatever button it offers."""
        self.opens(self.room_url)
        self.until(lambda: self.shown(LISTEN).count() or self.shown(MIC).count(), "the room")
        if self.shown(LISTEN).count():
            self.presses(LISTEN)
        self.until(lambda: self.ask("() => Boolean(window.parley?.room?.state)"), "the room's state")

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

    def pins(self, address: str) -> None:
        self.opens_the_panel("pinned")
        self.page.locator("[data-room=pin-url]").fill(address)
        self.page.locator("[data-room=pin-form] button[type=submit]").click()

    # Finding out

    def state(self) -> dict[str, Any]:
        """What the page knows of the room, once the first snapshot is there."""
        found: dict[str, Any] = self.until(lambda: self.ask("() => window.parley.room?.state"), "the room's state")
        return found

    def space(self) -> dict[str, Any]:
        found: dict[str, Any] = self.state()["space"]
        return found

    def role(self) -> str:
        return str(self.state()["me"]["role"])

    def user_id(self) -> int:
        return int(self.ask("() => window.parley?.room?.state?.me.user?.id ?? Number(document.body.dataset.viewer)"))

    def seat_of(self, other: "Person") -> dict[str, Any]:
        who = other.user_id()
        return next(
            (seat for seat in self.state()["stage"] if seat["user"]["id"] == who), {"mic": False, "camera": False}
        )

    def queue(self) -> list[int]:
        return [one["user"]["id"] for one in self.state()["requests"]]

    def sees_in_line(self, other: "Person") -> None:
        self.until(lambda: other.user_id() in self.queue(), "in line")

    def sees_host(self, other: "Person") -> None:
        self.until(lambda: self.space()["host"]["id"] == other.user_id(), f"{other.handle} is the host")

    def sees_acting_host(self, other: "Person | None", seconds: float = PATIENCE_S) -> None:
        wanted = other.user_id() if other else None
        self.until(lambda: self.space()["acting_host"] == wanted, f"the acting host is {wanted}", seconds)

    def gets_reaction(self, sender: "Person", emoji: str) -> None:
        def is_here() -> bool:
            batches = [message["items"] for message in self.heard("reactions")]
            return any(item[:2] == [sender.user_id(), emoji] for items in batches for item in items)

        self.until(is_here, f"{emoji} arrives")

    def sees_the_queue(self, people: "list[Person]") -> None:
        wanted = [person.user_id() for person in people]
        self.opens_the_panel("requests")
        rows = "() => [...document.querySelectorAll('[data-room=queue] > li')].map((row) => Number(row.dataset.user))"
        self.until(lambda: self.ask(rows) == wanted, f"the queue {wanted} on the screen")

    def place_in_line(self) -> int:
        request = self.state()["me"]["request"]
        return int(request["place"]) if request else 0

    def listener_count(self) -> int:
        return int(self.state()["listeners"]["count"])

    def tiles(self) -> int:
        return self.page.locator(f"{TILE}:visible").count()

    def tile_of(self, other: "Person") -> Locator:
        return self.page.locator(f"{TILE}[data-user='{other.user_id()}']")

    def sees_speaking(self, other: "Person") -> None:
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
        """Start to watch; the result tells the longest silence since then and whether room and page are the same."""
        self.ask("() => instruments.watchForGaps()")

        def found() -> dict[str, Any]:
            same = self.ask("() => typeof window.watchedDocument === 'symbol'")
            return {"same_page": same, **(self.ask("() => window.gapsFound()") if same else {})}

        return found

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


class Tab(Person):
    """An older tab of somebody who has opened a new one."""

    def __init__(self, page: Page) -> None:
        Screen.__init__(self, page)
