"""What captions cost per minute of speech: one and three people who never stop talking, from a
pretended home relay.
"""

import asyncio
import json
import struct
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import redis.asyncio

from media_relay.protocol.relay import slots_channel
from media_relay.signalling.codecs import OPUS
from tests.bench.meter import read_cpu
from tests.media_relay.egress.process import EgressProcess, Web
from tests.media_relay.egress.studio import STEP, Rtp, sentences, voice
from tests.stack.waiting import until

PACKET_S = 0.02
SETTLE_S = 3.0
_ENTRY = struct.Struct("!BH")


@dataclass(frozen=True)
class SpeechRow:
    speakers: int
    cpu_s_per_minute: float  # Of speech: of one speaker talking for a minute.
    main_share: float  # Of it in the process that reads the packets.
    lines: int
    behind: float  # Share of the time in which it could not keep up.


async def measure(redis_url: str, folder: Path, speakers: int, seconds: float) -> SpeechRow:
    egress = EgressProcess(redis_url, folder).start()
    space = f"speech-{speakers}"
    web = await Web(redis_url, space).start()
    home = Home(redis_url, space, speakers)
    try:
        await web.want(captions=True)
        await web.expect_status(status="ok")
        await home.greeted()
        await home.talk(SETTLE_S)
        before = {pid: read_cpu(pid) for pid in [egress.pid, *children(egress.pid)]}
        await home.talk(seconds)
        spent = {pid: read_cpu(pid).since(reading).cpu_s for pid, reading in before.items()}
        await until(lambda: web.lines, "captions", 10)
    finally:
        await home.close()
        await web.close()
        egress.stop()
    total = sum(spent.values())
    lines = sum(line.final and bool(line.text) for _, line in web.lines)
    told = [status["status"] for status in web.statuses if "status" in status]
    main_share = spent[egress.pid] / total if total else 0.0
    return SpeechRow(
        speakers,
        total * 60 / seconds / speakers,
        main_share,
        lines,
        told.count("behind") / len(told),
    )


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(part) for part in text.split()]


class Home:
    """Publishes what a home relay would, for speakers who say the test sentences one after the
    other.
    """

    def __init__(self, redis_url: str, space: str, speakers: int) -> None:
        self._redis = redis.asyncio.Redis.from_url(redis_url)
        self._space = space
        self._streams = [Rtp(slot + 1, OPUS) for slot in range(speakers)]
        names = sorted(sentences())
        # Half a second of nothing between two sentences, as people breathe; each begins with
        # another one.
        self._voices = [
            cycle(
                [
                    packet
                    for name in names[slot:] + names[:slot]
                    for packet in (*voice(name), *[b"\xf8\xff\xfe"] * 25)
                ]
            )
            for slot in range(speakers)
        ]
        self._timestamp = 0

    async def greeted(self) -> None:
        """Wait until somebody listens, and say who is in the slots."""
        channel, readers = slots_channel(self._space), 0
        for _ in range(500):
            ((_, readers),) = await self._redis.pubsub_numsub(channel)
            if readers:
                break
            await asyncio.sleep(PACKET_S)
        assert readers, "The egress listens."
        users = [f"user-{slot}" if slot < len(self._streams) else None for slot in range(3)]
        assigned = {"audio": users, "video": None, "screen": None, "active": users[0]}
        await self._redis.publish(slots_channel(self._space), b"A" + json.dumps(assigned).encode())

    async def talk(self, seconds: float) -> None:
        due = time.monotonic()
        for _ in range(round(seconds / PACKET_S)):
            for slot, stream in enumerate(self._streams):
                (opus,) = islice(self._voices[slot], 1)
                packet = stream.packet(opus, self._timestamp)
                await self._redis.publish(
                    slots_channel(self._space), b"P" + _ENTRY.pack(slot, len(packet)) + packet
                )
            self._timestamp += STEP
            due += PACKET_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def close(self) -> None:
        await self._redis.aclose()
