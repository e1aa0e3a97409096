"""`python -m tests.bench.silence`: how long after a mute or a move down the last packet still
comes.
"""

import argparse
import asyncio
import random
import time
from dataclasses import dataclass

from tests.bench.burner import burning
from tests.bench.meter import percentile
from tests.bench.peer import Identity
from tests.bench.report import table
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene, running_relay
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.stack.endings import end_on_sigterm
from tests.stack.valkey import running_valkey
from tests.stack.waiting import until

# Speech comes four times as often as Opus sends it: the distance of packets is the ruler's
# division.
RULER_S = 0.005
# A mute comes at any moment between two packets, not right after the one that was waited for.
PHASE_S = 0.02
PAUSE_S = 0.08  # Sixteen packets missing in a row.
HEADS = ("until the last packet", "times", "p50", "p99", "longest", "a packet came after")


@dataclass(frozen=True)
class Cut:
    """One mute. `after_ms` is 0 where the last packet had come before the policy was written."""

    after_ms: float

    @property
    def leaked(self) -> bool:
        return self.after_ms > 0


class Stopwatch:
    """Mutes a speaker again and again and watches when a listener's last packet arrives."""

    def __init__(
        self, scene: Scene, speaker: LightMember, listener: LightMember, seed: int
    ) -> None:
        self.scene = scene
        self.speaker = speaker
        self.listener = listener
        self._random = random.Random(seed)

    async def mute(self) -> Cut:
        """Mute the microphone and leave the camera."""
        return await self._cut(microphone=False, camera=True)

    async def move_down(self) -> Cut:
        """Take the speaker off stage."""
        return await self._cut()

    async def _cut(self, **sources: bool) -> Cut:
        """Return how long after the policy went out the last packet came.

        The clock runs before it is written.
        """
        await self.scene.allow(self.speaker.user, microphone=True, camera=True)
        await self.listener.hears(packets=4)
        await asyncio.sleep(self._random.uniform(0, PHASE_S))
        cut_at, listener = time.monotonic(), self.listener
        assert cut_at - listener.heard_at < PAUSE_S, (
            "Sound must flow up to the mute, or its end says nothing."
        )
        await self.scene.allow(self.speaker.user, **sources)
        await until(
            lambda: time.monotonic() - max(cut_at, listener.heard_at) > PAUSE_S, "silence", 5
        )
        return Cut(max(0.0, (listener.heard_at - cut_at) * 1000))


async def measure(relay: RelayProcess, times: int, seed: int) -> dict[str, list[Cut]]:
    bus = await Bus(relay.redis_url, relay.relay).start()
    room = LightRoom(Scene(bus), Identity())
    room.keep_lease()
    try:
        speaker, listener = (
            await room.join("alice", microphone=True, camera=True),
            await room.join("bob"),
        )
        room.repeat(speaker.speak, RULER_S, "alice speaks")
        watch = Stopwatch(room.scene, speaker, listener, seed)
        return {
            "mute": [await watch.mute() for _ in range(times)],
            "move down": [await watch.move_down() for _ in range(times)],
        }
    finally:
        await room.close()
        await bus.close()


def render(cuts: dict[str, list[Cut]]) -> str:
    return table(HEADS, [_cells(name, found) for name, found in cuts.items()])


def _cells(name: str, cuts: list[Cut]) -> list[str]:
    times = [cut.after_ms for cut in cuts]
    figures = (percentile(times, 0.5), percentile(times, 0.99), max(times))
    leaked = sum(cut.leaked for cut in cuts)
    return [
        name,
        str(len(cuts)),
        *(f"{figure:.2f} ms" for figure in figures),
        f"{leaked} of {len(cuts)} times",
    ]


def main() -> None:
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.bench.silence", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument(
        "--busy", type=float, default=0.0, help="share of every core that other processes burn, 0-1"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which it mutes")
    chosen = parser.parse_args()
    with running_valkey() as valkey, running_relay(valkey.url) as relay, burning(chosen.busy):
        print(f"Other processes take {chosen.busy:.0%} of every core.\n")
        print(render(asyncio.run(measure(relay, chosen.times, chosen.seed))))


if __name__ == "__main__":
    main()
