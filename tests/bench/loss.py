"""`python -m tests.bench.loss`: what Chromium hears and sees through a network that loses packets."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.browser import Stats, Window, chromium, open_window
from tests.bench.report import table
from tests.bench.shaper import Line, Shaper
from tests.browser.voices import RED
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene, running_relay
from tests.stack.endings import end_on_sigterm
from tests.stack.folders import temporary_folder
from tests.stack.valkey import running_valkey
from tests.stack.waiting import until

DELAY_MS = 30  # Each way: 60 ms RTT.
JITTER_MS = 5
WARM_UP_S = 10  # Until Chromium's bitrate has climbed and its jitter buffer has found its size.
POLL_S = 0.5
PATHS = ("listener", "speaker")
HEADS = (
    "whose path",
    "loss each way",
    "concealed audio",
    "frozen video",
    "frames/s",
    "sound later by",
    "asked again",
    "key frames asked",
    "camera sends",
    "may send",
    "health told to them",
)


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
        played = _grown(self.audio, earlier.audio, "jitterBufferEmittedCount")
        waited_s = _grown(self.audio, earlier.audio, "jitterBufferDelay")
        asked = sum(
            _grown(getattr(self, kind), getattr(earlier, kind), "nackCount")
            for kind in ("audio", "video")
        )
        return [
            f"{concealed / max(1, samples):.2%}",
            f"{_grown(self.video, earlier.video, 'totalFreezesDuration') / seconds:.2%}",
            f"{_grown(self.video, earlier.video, 'framesDecoded') / seconds:.0f}",
            f"{waited_s / max(1, played) * 1000:.0f} ms",
            f"{asked / seconds:.0f}/s",
            f"{_grown(self.video, earlier.video, 'pliCount'):.0f}",
            f"{_grown(self.camera, earlier.camera, 'bytesSent') * 8 / seconds / 1e6:.2f} Mbit/s",
            f"{float(self.camera.get('targetBitrate', 0)) / 1e6:.2f} Mbit/s",
        ]


def _grown(later: Stats, earlier: Stats, name: str) -> float:
    return float(later.get(name, 0)) - float(earlier.get(name, 0))


class Talk:
    """A speaker and a listener in Chromium, each behind a network of their own."""

    def __init__(self, speaker: Window, listener: Window, shapers: dict[str, Shaper]) -> None:
        self.speaker = speaker
        self.listener = listener
        self.shapers = shapers

    async def suffer(self, whose: str, loss: float, seconds: float) -> list[str]:
        """Let one of the two paths lose packets, and return the row of the table."""
        for name, shaper in self.shapers.items():
            shaper.down = shaper.up = Line(loss if name == whose else 0.0, DELAY_MS, JITTER_MS)
        await self._go_on(WARM_UP_S)
        before = await self._sample()
        await self._go_on(seconds)
        cells = (await self._sample()).since(before)
        return [
            whose,
            f"{loss:.0%}",
            *cells,
            self.listener.health if whose == "listener" else self.speaker.sending,
        ]

    async def _go_on(self, seconds: float) -> None:
        """Let time pass, and the pages hear what the relay says of their paths."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            await self.listener.follow_health()
            await self.speaker.follow_health()
            await asyncio.sleep(POLL_S)

    async def _sample(self) -> Sample:
        heard, seen = await self.listener.stats("audio"), await self.listener.stats("video")
        return Sample(heard, seen, await self.speaker.stats("video", "outbound"))


@asynccontextmanager
async def talking(relay: RelayProcess, folder: Path) -> AsyncIterator[Talk]:
    """Yield a talk whose picture has begun."""
    bus = await Bus(relay.redis_url, relay.relay).start()
    scene = Scene(bus)
    shapers = {name: await Shaper(("127.0.0.1", relay.node()["port"])).start() for name in PATHS}
    renewing = asyncio.create_task(scene.keep_lease(), name="lease")
    try:
        async with chromium(folder, RED) as browser:
            speaker, listener = await open_window(browser, scene), await open_window(browser, scene)
            await speaker.join("alice", publish=True, edit_offer=shapers["speaker"].reroute)
            await listener.join("bob", publish=False, edit_offer=shapers["listener"].reroute)
            await _first_frame(listener)
            yield Talk(speaker, listener, shapers)
    finally:
        renewing.cancel()
        for shaper in shapers.values():
            shaper.close()
        await bus.close()


async def measure(
    relay: RelayProcess, paths: list[str], losses: list[float], seconds: float, folder: Path
) -> list[list[str]]:
    """Return one row for each path and share of loss, in both directions of that path."""
    rows = []
    for whose in paths:
        async with talking(relay, folder) as talk:
            rows += [await talk.suffer(whose, loss, seconds) for loss in losses]
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
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.bench.loss", description=__doc__)
    parser.add_argument("--paths", nargs="+", default=list(PATHS), choices=PATHS)
    parser.add_argument("--loss", type=float, nargs="+", default=[0.0, 0.05, 0.10, 0.30])
    parser.add_argument("--seconds", type=float, default=30)
    chosen = parser.parse_args()
    folder = temporary_folder("loss")
    with running_valkey() as valkey, running_relay(valkey.url) as relay:
        print(
            table(
                HEADS,
                asyncio.run(measure(relay, chosen.paths, chosen.loss, chosen.seconds, folder)),
            )
        )


if __name__ == "__main__":
    main()
