"""`python -m tests.chaos.long_recording`: a host talks for 43 minutes under REC, on the whole of
Parley, and the replay is as long as the talk.

The host is a light peer that beeps every two seconds: where the beeps lie in the replay says
whether anything was left out or has drifted. Meanwhile the memory of egress is written down, and
at the end how often the rendering was begun. It takes the time of the talk and a few percent of a
core.
"""

import argparse
import asyncio
import json
import secrets
import sqlite3
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field

from config.dev.demo.people import PASSWORD
from media_relay.rtcp.clocks import ntp_from_ms
from tests.bench.meter import memory_kib, read_cpu
from tests.bench.peer import Identity, Peer
from tests.bench.sdp import AUDIO_LEVEL_URI, MID_URI, Section, read_offer
from tests.media_relay.egress.player import watch
from tests.media_relay.egress.studio import STEP, Rtp, beeps, opus, publisher_extension
from tests.parts.room import Member, member
from tests.parts.site import Person
from tests.stack import parley
from tests.stack.endings import end_on_sigterm
from tests.stack.folders import temporary_folder
from tests.stack.parley import Parley

HOST = "alice"
PACKET_S = 0.02
BEEP_MS, LOOP_MS = 2000, 20_000
LOOK_S = 15.0
SETTLED_S = 300.0  # What a process grows by in its first minutes is its warm-up.
RENDERED_S = 1200.0
LENGTH_S = 1.0
GROWTH_KIB = 8 * 1024
BEEPS_MS = 100.0


@dataclass
class Talk:
    """A light host in its room, who sends sound by the clock."""

    peer: Peer
    section: Section
    packets: Sequence[bytes]
    sent: int = 0
    begun_ms: float = 0.0  # Since 1970.
    stream: Rtp = field(init=False)

    def __post_init__(self) -> None:
        level = self.section.extensions.get(AUDIO_LEVEL_URI)
        mid = self.section.extensions.get(MID_URI)
        extension = publisher_extension(mid, self.section.mid, level)
        ssrc = self.peer.ssrcs[self.section.mid]
        self.stream = Rtp(ssrc, self.section.media_type, extension=extension)

    async def keep_on(self) -> None:
        begun, self.begun_ms = time.monotonic(), time.time() * 1000
        while True:
            while self.sent * PACKET_S <= time.monotonic() - begun:
                payload = self.packets[self.sent % len(self.packets)]
                self.peer.send_rtp(self.stream.packet(payload, self.sent * STEP))
                self.sent += 1
                if self.sent % 50 == 0:
                    self.peer.send_rtcp(self._report())
            await asyncio.sleep(PACKET_S / 2)

    def _report(self) -> bytes:
        """Return a sender report without blocks (RFC 3550 §6.4.1).

        It says when the sound was made, however late a busy machine lets us send it.
        """
        made_ms = self.begun_ms + self.sent * PACKET_S * 1000
        ntp = ntp_from_ms(round(made_ms)).to_bytes(8, "big")
        timestamp = self.sent * STEP & 0xFFFF_FFFF
        head = struct.pack("!BBHI", 0x80, 200, 6, self.stream.ssrc)
        return head + ntp + struct.pack("!III", timestamp, self.sent, self.sent * 80)


@dataclass(frozen=True)
class Replay:
    """A row of spaces_recording."""

    state: str
    duration_ms: int
    attempts: int
    folder: str
    version: int


def main() -> int:
    """Return 1 if the replay is not what was said, or the memory of egress has grown."""
    end_on_sigterm()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.long_recording")
    parser.add_argument("--minutes", type=float, default=43.0)
    minutes = parser.parse_args().minutes
    folder = temporary_folder("long-recording")
    site = parley.start(folder, {"DEMO_ACCOUNTS": "1"})
    try:
        return asyncio.run(drill(site, minutes * 60))
    finally:
        site.stop()


async def drill(site: Parley, seconds: float) -> int:
    program = Person(site.url)
    told = program.send("/api/v1/auth/token/", {"handle": HOST, "password": PASSWORD})
    program.token = told.json["token"]
    space = program.send("/api/v1/spaces/", {"title": "A long talk"}).json["id"]
    program.send(f"/api/v1/spaces/{space}/start/", {})
    async with member(site.url, space, program.token) as host:
        talk = await connect(host)
        talking = asyncio.create_task(talk.keep_on(), name="talk")
        assert (await host.ask("mic.set", on=True))["type"] == "ok"
        assert (await host.ask("recording.start"))["type"] == "ok"
        begun = time.monotonic()
        tell(f"recording {space} for {seconds / 60:.1f} minutes")
        memory = await look_on(site, host, talking, begun + seconds)
        assert (await host.ask("recording.stop"))["type"] == "ok"
        talked_s = time.monotonic() - begun
        talking.cancel()
        with suppress(asyncio.CancelledError):
            await talking
        await talk.peer.close()
    program.send(f"/api/v1/spaces/{space}/end/", {})
    ended = time.monotonic()
    replay = await rendered(site)
    return judge(site, replay, talked_s, time.monotonic() - ended, memory)


async def connect(host: Member) -> Talk:
    """Give the host a microphone that beeps."""
    packets = list(opus(beeps(LOOP_MS, BEEP_MS)))
    since = time.monotonic()
    await host.ask("media.connect")
    offered = await host.hears(lambda one: one["type"] == "media.offer")
    offer = read_offer(offered["sdp"])
    section = offer.section(offered["slots"]["microphone"])
    peer = Peer(Identity(), offer, {section.mid: secrets.randbits(32) | 1})
    await host.ask("media.answer", peer=offered["peer"], sdp=peer.answer)
    await peer.connect()
    peer.keep_consent()
    await host.hears(lambda one: one["type"] == "media.connected", since=since)
    return Talk(peer, section, packets)


async def look_on(
    site: Parley, host: Member, talking: "asyncio.Task[None]", until: float
) -> list[tuple[float, int]]:
    """Write down the memory of egress until then.

    Raises AssertionError when the talk breaks off or egress is another one.
    """
    begun, pid = time.monotonic(), site.pid("egress")
    memory = []
    while (left_s := until - time.monotonic()) > 0:
        await asyncio.sleep(min(LOOK_S, left_s))
        assert not talking.done() and host.closed_with is None, "The host was thrown out."
        assert site.pid("egress") == pid, "Egress has died."
        memory.append((time.monotonic() - begun, memory_kib(pid)))
        if len(memory) % 20 == 1:
            cpu = read_cpu(pid).cpu_s
            tell(f"{memory[-1][0] / 60:5.1f} min: egress {memory[-1][1]} KiB, {cpu:.1f} s of CPU")
    return memory


async def rendered(site: Parley) -> Replay:
    until = time.monotonic() + RENDERED_S
    while (replay := row_of(site)).state not in ("ready", "failed"):
        if time.monotonic() > until:
            raise TimeoutError(f"It is not rendered: {replay}")
        await asyncio.sleep(1)
    return replay


def row_of(site: Parley) -> Replay:
    with closing(sqlite3.connect(site.data_dir / "parley.sqlite3")) as database:
        columns = "state, duration_ms, attempts, folder, version"
        rows = database.execute(f"SELECT {columns} FROM spaces_recording ORDER BY id")
        return Replay(*rows.fetchall()[-1])


def judge(
    site: Parley,
    replay: Replay,
    talked_s: float,
    waited_s: float,
    memory: Sequence[tuple[float, int]],
) -> int:
    place = site.data_dir / "media/replays" / replay.folder / str(replay.version)
    film = watch(place / "replay.mp4")
    movie_s, sound = film.duration_s, film.beeps
    gaps = json.loads((place / "replay.json").read_text()).get("gaps", [])
    again = site.log.count("is rendered again")
    settled = [kib for at_s, kib in memory if at_s >= min(SETTLED_S, talked_s / 3)]
    grown = max(settled) - settled[0]
    # Every beep is where the ones before say that it must be.
    drift_ms = max(
        (abs(at - sound[0] - BEEP_MS * number) for number, at in enumerate(sound)), default=0.0
    )
    tell(f"talked {talked_s:.2f} s; replay {replay.duration_ms / 1000:.2f} s, file {movie_s:.2f} s")
    last_ms = sound[-1] - sound[0] - BEEP_MS * (len(sound) - 1) if sound else 0.0
    tell(f"beeps {len(sound)}, furthest off {drift_ms:.0f} ms, the last {last_ms:.0f}; gaps {gaps}")
    tell(f"ready {waited_s:.0f} s after the end; begun again {again} times")
    tell(f"egress {settled[0]} KiB, {grown} more at most since")
    right = {
        "state": replay.state == "ready",
        "length": abs(replay.duration_ms / 1000 - talked_s) <= LENGTH_S,
        "file": abs(movie_s - talked_s) <= LENGTH_S,
        "beeps": abs(len(sound) - talked_s * 1000 / BEEP_MS) <= 1 and drift_ms <= BEEPS_MS,
        "no gap": not gaps,
        "one attempt": not again,
        "memory": grown <= GROWTH_KIB,
    }
    tell(", ".join(f"{name}: {'yes' if is_so else 'NO'}" for name, is_so in right.items()))
    return 0 if all(right.values()) else 1


def tell(text: str) -> None:
    print(f"long recording: {time.strftime('%H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
