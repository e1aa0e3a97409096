"""Chromium at the relay without the site: a bare page with the room's own `peer.js`, driven from
Python.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route, async_playwright

from tests.browser import voices
from tests.browser.chromium import FLAGS, executable
from tests.media_relay.blackbox.harness import Scene

ORIGIN = "http://localhost/"  # A secure origin, which the camera asks for; nothing listens there.
ROOM_JS = Path(__file__).resolve().parents[2] / "static/js/room"
# The page's own connection, so that what is measured is what people have. The socket's part is
# played by Python.
SCRIPT = """
window.join = async (offer, slots, id, publish) => {
  const { Peer } = await import("/peer.js");
  const play = (stream) => {
    const element = document.body.appendChild(document.createElement(stream.getTracks()[0].kind));
    element.srcObject = stream;
    element.autoplay = true;
    element.play().catch(() => {});
  };
  let answered;
  const answer = new Promise((resolve) => { answered = resolve; });
  const call = async (type, fields) =>
    type === "media.connect" ? { peer: id, sdp: offer, slots } : answered(fields.sdp);
  const listener = { onLink() {}, onStreams: ({ audio, video }) => [...audio, video].forEach(play) };
  const peer = (window.peer = new Peer(call, listener));
  if (publish) {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      video: { width: 1280, height: 720, frameRate: 30 },
    });
    await peer.send("microphone", stream.getAudioTracks()[0]);
    await peer.send("camera", stream.getVideoTracks()[0]);
  }
  peer.connect();
  return answer;
};
window.measure = async () => (await window.peer.stats()).filter((one) => /bound-rtp$/.test(one.type));
true;
"""  # Ends in a plain value: Playwright calls a function that it is left with.
Stats = dict[str, Any]  # Any: an entry of RTCStatsReport.


class Window:
    """One page, which is one peer."""

    def __init__(self, scene: Scene, page: Page) -> None:
        self.scene = scene
        self.page = page
        self.peer = ""
        self.health = "good"  # What the page was told last, of what it gets and of what it sends.
        self.sending = "good"

    async def join(
        self, user: str, *, publish: bool, edit_offer: Callable[[str], str] = str
    ) -> None:
        """Connect; with `publish`, send the fake microphone and camera."""
        if publish:
            await self.scene.allow(user, microphone=True, camera=True)
        grant = self.scene.grant(user, stage=publish)
        offer = await self.scene.bus.ask(grant)
        assert offer["type"] == "relay.offer", offer
        sdp = edit_offer(offer["sdp"])
        answer = await self.page.evaluate(
            "(all) => join(...all)", [sdp, offer["slots"], grant.peer, publish]
        )
        reply = await self.scene.answer(grant.peer, answer)
        assert reply["type"] == "relay.accepted", reply
        await self.scene.bus.expect(grant.peer, "relay.connected")
        self.peer = grant.peer

    async def follow_health(self) -> None:
        """Pass the relay's newest word on to the page, as its socket would."""
        notice = self.scene.bus.heard(self.peer, "relay.health")
        if notice is None:
            return
        self.sending = notice["sending"]
        if notice["level"] != self.health:
            self.health = notice["level"]
            await self.page.evaluate("(level) => peer.onHealth(level)", self.health)

    async def stats(self, kind: str, direction: str = "inbound") -> Stats:
        """Return the stream of `kind` that carried most packets."""
        found = [
            one
            for one in await self.page.evaluate("measure()")
            if one["kind"] == kind and one["type"] == f"{direction}-rtp"
        ]
        count = "packetsReceived" if direction == "inbound" else "packetsSent"
        return max(found, key=lambda one: one.get(count, 0), default={})


@asynccontextmanager
async def chromium(folder: Path, voice: voices.Voice | None = None) -> AsyncIterator[Browser]:
    """Yield a browser whose microphone plays a tone in syllables; its camera is Chromium's own
    moving test picture.
    """
    microphone = (
        [f"--use-file-for-fake-audio-capture={voices.microphone(voice, folder)}"] if voice else []
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable(), args=[*FLAGS, *microphone]
        )
        yield browser
        await browser.close()


async def _send_module(route: Route) -> None:
    await route.fulfill(path=ROOM_JS / Path(route.request.url).name, content_type="text/javascript")


async def open_window(browser: Browser, scene: Scene) -> Window:
    page = await (await browser.new_context(permissions=["microphone", "camera"])).new_page()
    await page.route(
        "**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
    )
    await page.route("**/*.js", _send_module)
    await page.goto(ORIGIN)
    await page.evaluate(SCRIPT)
    return Window(scene, page)
