"""`python -m tests.bench.silence`: how long after a mute or a move down the last packet still comes."""

import argparse
import asyncio
import time

from tests.bench.meter import percentile
from tests.bench.peer import Identity
from tests.bench.report import table
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.stack.valkey import running_valkey
from tests.stack.waiting import until

PAUSE_S = 0.08  # Four packets missing in a row.


class Stopwatch:
    """Mutes a speaker again and again and watches when a listener's last packet arrives."""

    def __init__(self, scene: Scene, speaker: LightMember, listener: LightMember) -> None:
        self.scene = scene
        self.speaker = speaker
        self.listener = listener

    async def mute(self) -> float:
        """Return the milliseconds from the policy to the last packet after the microphone was muted."""
        return await self._cut(microphone=False, camera=True)

    async def move_down(self) -> float:
        """The same for a speaker who is taken off stage."""
        return await self._cut()

    async def _cut(self, **sources: bool) -> float:
        await self.scene.allow(self.speaker.user, microphone=True, camera=True)
        await self.listener.hears(packets=2)
        cut_at = time.monotonic()
        await self.scene.allow(self.speaker.user, **sources)
        listener = self.listener
        await until(lambda: time.monotonic() - max(cut_at, listener.heard_at) > PAUSE_S, "silence", 5)
        return max(0.0, (listener.heard_at - cut_at) * 1000)


async def measure(relay: RelayProcess, times: int) -> dict[str, list[float]]:
    bus = await Bus(relay.redis_url, relay.relay).start()
    room = LightRoom(Scene(bus), Identity())
    room.keep_lease()
    try:
        speaker, listener = await room.join("alice", microphone=True, camera=True), await room.join("bob")
        room.keep_speaking(speaker)
        watch = Stopwatch(room.scene, speaker, listener)
        return {
            "mute": [await watch.mute() for _ in range(times)],
            "move down": [await watch.move_down() for _ in range(times)],
        }
    finally:
        await room.close()
        await bus.close()


def render(latencies: dict[str, list[float]]) -> str:
    rows = [
        [name, str(len(values)), f"{percentile(values, 0.5):.1f} ms", f"{percentile(values, 0.99):.1f} ms"]
        for name, values in latencies.items()
    ]
    return table(("until the last packet", "times", "p50", "p99"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.silence", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    chosen = parser.parse_args()
    with running_valkey() as valkey:
        relay = RelayProcess(valkey.url).start()
        try:
            print(render(asyncio.run(measure(relay, chosen.times))))
        finally:
            relay.kill()


if __name__ == "__main__":
    main()
