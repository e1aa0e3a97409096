"""Pictures of every main page and every state of a room, to look at: `python -m tests.browser.shots
FOLDER [NAME …]`.

Phone (390 × 844 and 360 wide) and desktop (1440 × 900), by day and by night. With names, only the
scenes whose name contains one of them are taken. A scene that fails is reported and the others go
on.
"""

import argparse
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import DESKTOP, PHONE, Chromium
from tests.browser.people import Person
from tests.browser.town import Town
from tests.browser.voices import Voice
from tests.posts.sounds import SPEECH as SPOKEN
from tests.stack import parley

SMALL_PHONE = (360, 740)
LOOKS = (
    ("desktop-light", DESKTOP, "light"),
    ("desktop-dark", DESKTOP, "dark"),
    ("phone-light", PHONE, "light"),
    ("phone-dark", PHONE, "dark"),
    ("small-light", SMALL_PHONE, "light"),
)
PAGES = {
    "home": "/",
    "explore": "/explore/",
    "spaces": "/spaces/",
    "setup": "/spaces/new/",
    "alerts": "/alerts/",
    "bookmarks": "/bookmarks/",
    "profile": "/@alice/",
    "settings": "/settings/",
    "compose": "/posts/compose/",
    "missing": "/there/is/no/such/page/",
}
DOORS = {
    "login": "/account/login/",
    "signup": "/account/signup/",
    "password-reset": "/account/password/reset/",
}


@dataclass(frozen=True)
class Studio:
    """What the scenes need: people, and the two who have drawn pictures for cameras."""

    town: Town
    camera: "Camera"
    maya: Voice
    ivan: Voice


class Camera:
    """Takes a person's screen in every look and keeps count."""

    def __init__(self, folder: Path, wanted: Sequence[str]) -> None:
        self.folder = folder
        self._wanted = wanted

    def wants(self, name: str) -> bool:
        return not self._wanted or any(word in name for word in self._wanted)

    def wants_only(self, scene: str) -> bool:
        """True if all that is wanted belongs to one scene, so that the others need not be played."""
        return bool(self._wanted) and all(word.startswith(scene) for word in self._wanted)

    def take(
        self,
        person: Person,
        name: str,
        looks: Sequence[str] = (),
        open_again: Callable[[], None] | None = None,
    ) -> None:
        """Take `name` in all looks, or in those whose name contains one of `looks`.

        A panel closes when a desktop becomes a phone; `open_again` opens it in each look.
        """
        for look, (width, height), colours in LOOKS:
            if looks and not any(word in look for word in looks):
                continue
            person.page.set_viewport_size({"width": width, "height": height})
            person.page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
            # Sheets and pictures move for up to 320 ms (tokens.css).
            person.page.wait_for_timeout(350)
            if open_again:
                open_again()
                person.page.wait_for_timeout(350)
            person.page.screenshot(path=self.folder / f"{name}-{look}.png")
        person.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        # Or the next click may find the panel of the size before.
        person.page.wait_for_timeout(350)


def pages(studio: Studio) -> None:
    town, camera = studio.town, studio.camera
    alice, visitor = town.person(handle="alice"), town.visitor()
    for person, addresses in ((alice, PAGES), (visitor, DOORS)):
        for name, path in addresses.items():
            if camera.wants(name):
                person.opens(path)
                camera.take(person, name)
    if camera.wants("profile-other"):
        alice.opens("/@bob/")
        camera.take(alice, "profile-other")


def room(studio: Studio) -> None:
    """One evening in a room, from the green room to the end."""
    town, camera = studio.town, studio.camera
    if camera.wants_only("replay") or camera.wants_only("posts"):
        return
    host, guest = town.person(studio.maya, handle="carol"), town.person(studio.ivan, handle="dave")
    listener, stranger = town.person(handle="erin"), town.visitor()
    host.opens_a_space("Dams, drought and small towns")
    camera.take(host, "room-green")
    host.allows_microphone()
    camera.take(host, "room-green-microphone", ["light"])
    host.starts()
    camera.take(host, "room-host-alone")
    host.talks()
    host.shows_camera()
    for person in (guest, listener, stranger):
        person.opens(host.room_url)
    camera.take(listener, "room-door")
    camera.take(stranger, "room-door-visitor", ["light"])
    for person in (guest, listener, stranger):
        person.listens_to(host.room_url)
        person.sees_a_picture()
    camera.take(listener, "room-listener")
    camera.take(stranger, "room-visitor", ["light"])
    listener.asks_to_speak()
    guest.asks_to_speak("I grew up beside that dam. Two minutes, about 1998.")
    camera.take(listener, "room-in-line", ["light"])
    host.opens_the_panel("requests")
    host.sees_the_queue([listener, guest])
    camera.take(host, "room-host-queue", open_again=lambda: host.opens_the_panel("requests"))
    host.approves(guest)
    guest.is_on_stage()
    camera.take(guest, "room-new-speaker")
    guest.talks()
    guest.shows_camera()
    listener.sees_a_picture()
    camera.take(guest, "room-speaker", ["light"])
    listener.reacts("👏")
    camera.take(listener, "room-two-on-stage")
    listener.goes_to("Home")
    camera.take(listener, "dock-home")
    listener.opens("/spaces/")
    camera.take(listener, "spaces-live")
    host.tab_crashes()
    guest.until(lambda: guest.space()["host_lost_until"], "the countdown", 25)
    camera.take(guest, "room-host-lost")
    host.opens_a_new_tab()
    host.enters_again()
    host.ends()
    camera.take(host, "room-ended-host", ["light"])
    guest.sees_the_end()
    camera.take(guest, "room-ended")


def replay(studio: Studio) -> None:
    """A talk with captions that is recorded, and what stays of it."""
    town, camera = studio.town, studio.camera
    if not camera.wants("replay"):
        return
    host = town.person(
        replace(studio.maya, name="maya-says", speech=SPEECH / "slt-sunday.wav"), handle="carol"
    )
    guest = town.person(
        replace(studio.ivan, name="ivan-says", speech=SPEECH / "rms-train.wav"), handle="dave"
    )
    listener = town.person(handle="erin")
    host.opens("/spaces/new/")
    host.page.locator("[name=recording_wanted]").scroll_into_view_if_needed()
    camera.take(host, "replay-setup", ["light"])
    host.is_live_in("What the river said")
    for person in (guest, listener):
        person.listens_to(host.room_url)
    host.invites(guest)
    guest.accepts_the_invitation()
    host.presses("[data-room=more]")
    host.page.locator("[data-room=record]").click()
    camera.take(host, "replay-record-sheet")
    host.page.locator("[data-room=record-start]").click()
    guest.page.locator("[data-room=consent-sheet]").wait_for()
    camera.take(guest, "replay-consent", ["desktop-light", "small-light"])
    guest.page.locator("[data-room=consent-sheet] [data-room=consent-give]").click()
    host.talks()  # One voice at a time: the recogniser has what two cores and four browsers leave.
    listener.until(lambda: len(listener.state()["lines"]) > 0, "captions", 60)
    host.mutes()
    guest.talks()
    listener.until(lambda: len(listener.state()["lines"]) > 1, "captions of somebody else", 60)
    guest.mutes()
    host.talks()
    host.shows_camera()
    listener.until(
        lambda: listener.page.locator(".captions__line").count(), "words on the screen", 60
    )
    camera.take(listener, "replay-captions")
    listener.opens_the_panel("transcript")
    camera.take(listener, "replay-transcript")
    listener.presses("[data-room=captions-look]")
    camera.take(listener, "replay-captions-look", ["desktop-light", "small-light"])
    host.ends()
    host.page.locator("[data-room=to-replay]").wait_for()
    camera.take(host, "replay-ended", ["light"])
    host.page.locator("[data-room=to-replay]").click()
    host.page.locator("[data-replay=waiting], [data-replay=page]").first.wait_for()
    camera.take(host, "replay-waiting")
    host.until(lambda: host.page.locator("[data-replay=page]").count(), "the replay", 120)
    host.page.locator(".said__time").first.click()
    host.until(lambda: host.page.locator(".player__caption").count(), "a caption")
    host.page.locator("[data-replay=play]").click()
    camera.take(host, "replay-host")
    host.page.locator("[data-replay=tools] summary").click()
    host.page.locator("[data-replay=clip-open]").click()
    camera.take(host, "replay-clip-form")
    host.page.locator("[data-replay=clip-send]").click()
    host.until(
        lambda: host.page.locator("[data-replay=clip-page][data-state=ready]").count(),
        "the clip",
        60,
    )
    camera.take(host, "replay-clip")
    listener.opens("/spaces/?tab=replays")
    camera.take(listener, "replay-tab")


def writing(studio: Studio) -> None:
    """What one can write besides a few words: a recording, a poll, a thread, a draft; and how it
    looks when posted.
    """
    camera = studio.camera
    if not camera.wants("posts"):
        return
    author = studio.town.person(
        replace(studio.maya, name="maya-reads", speech=SPOKEN), handle="alice"
    )
    author.opens("/")
    composer = author.page.locator("#composer")
    composer.locator("[data-record]").click()
    composer.locator("[data-recorder-stop]").wait_for()
    author.page.wait_for_timeout(3500)  # The sentence's own time.
    camera.take(author, "posts-recording", ["desktop-light", "small-light"])
    composer.locator("[data-recorder-stop]").click()
    composer.locator("[data-recorder-state]", has_text="Ready to send").wait_for()
    camera.take(author, "posts-recorded", ["desktop", "small"])
    author.posts("From the bridge, this morning.")
    composer.locator("[data-open-poll]").click()
    composer.locator("textarea[name=text]").fill("Which way shall we walk on Sunday?")
    for place, option in enumerate(("Along the river", "Over the hill")):
        composer.locator("input[name=option]").nth(place).fill(option)
    camera.take(author, "posts-poll")
    composer.locator("[data-send]").click()
    author.post("Which way shall we walk").wait_for()
    composer.locator("textarea[name=text]").fill("Three things I learned from the water this year.")
    composer.locator("[data-add-part]").click()
    author.page.keyboard.type("One: it remembers every stone we moved.")
    camera.take(author, "posts-thread", ["desktop-light", "small-light"])
    composer.locator("[data-save-draft]").click()
    author.page.locator("#toasts .toast").first.wait_for()
    author.opens("/")
    camera.take(author, "posts-home")
    author.opens("/drafts/")
    camera.take(author, "posts-drafts")
    for name, path in (
        ("media", "/@alice/media/"),
        ("spaces", "/@maya/spaces/"),
        ("search", "/search/?q=river"),
    ):
        author.opens(path)
        camera.take(author, f"posts-{name}", ["desktop-light", "small-light"])
    jun = studio.town.person(handle="alice")
    jun.opens("/@jun/")
    camera.take(jun, "posts-profile")


SCENES: tuple[Callable[[Studio], None], ...] = (pages, room, replay, writing)
SPEECH = Path(__file__).parent.parent / "media_relay" / "egress" / "voices"


def drawn(name: str, tone_hz: int, chromium: Chromium, folder: Path) -> Voice:
    """Return a person whose camera shows a drawing."""
    still = folder / f"{name}.png"
    window = chromium.context(size=(1280, 720))
    page = window.new_page()
    page.goto((Path(__file__).with_name("pictures") / f"cam-{name}.svg").as_uri())
    page.evaluate("() => document.documentElement.setAttribute('width', '100%')")
    page.screenshot(path=still)
    window.close()
    return Voice(name, tone_hz, (0, 0, 0), still)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.shots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    with (
        tempfile.TemporaryDirectory(prefix="parley-shots-") as folder,
        sync_playwright() as playwright,
    ):
        data, devices = Path(folder) / "data", Path(folder) / "devices"
        for path in (data, devices):
            path.mkdir()
        site = parley.start(data, {"DEMO_ACCOUNTS": "4"})
        chromium = Chromium(playwright, devices)
        people = (drawn("maya", 220, chromium, devices), drawn("ivan", 330, chromium, devices))
        studio = Studio(
            Town(site, chromium, devices), Camera(options.folder, options.names), *people
        )
        for scene in SCENES:
            try:
                scene(studio)
            # One broken scene must not cost the pictures of the others; it is told and counted.
            except Exception:
                traceback.print_exc()
                failed += 1
            studio.town.everybody_goes_home()
        chromium.close()
        site.stop()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
