"""`python -m tests.bench.loss`: what Chromium hears and sees through a network that loses packets."""

import argparse
import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.browser import Stats, Window, chromium, open_window
from tests.bench.report import table
from tests.bench.shaper import Line, Shaper
from tests.browser.voices import RED
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.stack.valkey import running_valkey
from tests.stack.waiting import until

DELAY_MS = 30  # Each way: 60 ms RTT.
JITTER_MS = 5
WARM_UP_S = 8  # Until Chromium's bitrate has climbed and its jitter buffer has found its size.
HEADS = ("loss each way", "concealed audio", "frozen video", "frames/s", "camera sends", "health told")


@dataclass(frozen=True)
class Sample:
    """Chromium's own counters at one moment."""

    audio: Stats
    video: Stats
    camera: Stats

    def since(self, earlier: "Sample") -> list[str]:
        """Return the cells of the table for the time between two samples."""
        seconds = (self.video["timestamp"] - earlier.video["timestamp"]) / 1000
        samples = _grown(self.audio, earlier.audio, "totalSamplesReceived")
        concealed = _grown(self.audio, earlier.audio, "concealedSamples")
        # Silence that DTX leaves out is concealed too, and nobody misses it.
        concealed -= _grown(self.audio, earlier.audio, "silentConcealedSamples")
        frozen_s = _grown(self.video, earlier.video, "totalFreezesDuration")
        frames = _grown(self.video, earlier.video, "framesDecoded")
        sent = _grown(self.camera, earlier.camera, "bytesSent") * 8
        return [
            f"{concealed / max(1, samples):.2%}",
            f"{frozen_s / seconds:.2%}",
            f"{frames / seconds:.0f}",
            f"{sent / seconds / 1e6:.2f} Mbit/s",
        ]


def _grown(later: Stats, earlier: Stats, name: str) -> float:
    return float(later.get(name, 0)) - float(earlier.get(name, 0))


async def sample(speaker: Window, listener: Window) -> Sample:
    return Sample(
        await listener.stats("audio"), await listener.stats("video"), await speaker.stats("video", "outbound")
    )


async def measure(relay: RelayProcess, losses: list[float], seconds: float, folder: Path) -> list[list[str]]:
    """Return one row for each share of loss, on the listener's path in both directions."""
    bus = await Bus(relay.redis_url, relay.relay).start()
    scene = Scene(bus)
    shaper = await Shaper(("127.0.0.1", relay.node()["port"])).start()
    rows = []
    try:
        async with chromium(folder, RED) as browser:
            speaker, listener = await open_window(browser, scene), await open_window(browser, scene)
            await speaker.join("alice", publish=True)
            await listener.join("bob", publish=False, edit_offer=shaper.reroute)
            await _first_frame(listener)
            for loss in losses:
                shaper.down = shaper.up = Line(loss, DELAY_MS, JITTER_MS)
                await asyncio.sleep(WARM_UP_S)
                before = await sample(speaker, listener)
                await asyncio.sleep(seconds)
                cells = (await sample(speaker, listener)).since(before)
                health = bus.heard(listener.peer, "relay.health")
                rows.append([f"{loss:.0%}", *cells, health["level"] if health else "good"])
    finally:
        shaper.close()
        await bus.close()
    return rows


async def _first_frame(listener: Window) -> None:
    decoded: list[float] = []

    async def look() -> None:
        while not decoded:
            found = (await listener.stats("video")).get("framesDecoded", 0)
            if found:
                decoded.append(found)

    looking = asyncio.create_task(look(), name="first frame")
    await until(lambda: decoded, "the first frame at the listener", 15)
    await looking


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.loss", description=__doc__)
    parser.add_argument("--loss", type=float, nargs="+", default=[0.0, 0.05, 0.10, 0.30])
    parser.add_argument("--seconds", type=float, default=20)
    chosen = parser.parse_args()
    with running_valkey() as valkey:
        relay = RelayProcess(valkey.url).start()
        try:
            folder = Path(tempfile.mkdtemp(prefix="parley-loss-"))
            print(table(HEADS, asyncio.run(measure(relay, chosen.loss, chosen.seconds, folder))))
        finally:
            relay.kill()


if __name__ == "__main__":
    main()
