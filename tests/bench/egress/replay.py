"""What rendering costs per recorded minute, and whether an hour takes more memory than ten minutes."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from media_relay.egress.slot_map import VIDEO
from tests.bench.meter import memory_kib, read_cpu
from tests.media_relay.blackbox.harness import ROOT
from tests.media_relay.egress.studio import Coder, sentences, voice
from tests.media_relay.egress.tape import Tape

MINUTE_MS = 60_000
FRAME_MS = 1000 / 30
LOOP_FRAMES = 120  # Four seconds of camera, again and again; each begins with a key frame.
WATCH_S = 0.2


@dataclass(frozen=True)
class ReplayRow:
    name: str
    minutes: float
    log_mb: float
    file_mb: float
    cpu_s_per_minute: float
    memory_mb: tuple[float, float, float]  # The most in each third of the work.


def record(folder: Path, minutes: float, camera: bool) -> None:
    """Write the log of a talk of two people, a line each in turn, with a moving picture or without."""
    tape = Tape(folder, jitter_ms=5).begin(0)
    shot = list(_camera()) if camera else []
    sentence_packets = [(*voice(name), *[b"\xf8\xff\xfe"] * 25) for name in sorted(sentences())]
    at_ms, turn, frame = 100.0, 0, 0
    while at_ms < minutes * MINUTE_MS:
        user = ("alice", "bob")[turn // 4 % 2]
        slots = {"a0": user, "video": user if camera else None}
        if turn % 4 == 0:
            tape.assign(at_ms, active=user, **slots)
        for packet in sentence_packets[turn % len(sentence_packets)]:
            tape.sound(0, packet, at_ms)
            while camera and frame * FRAME_MS < at_ms:
                tape.picture(VIDEO, shot[frame % LOOP_FRAMES], frame * FRAME_MS)
                frame += 1
            if at_ms % 1000 < 20:
                tape.report(at_ms, [0, VIDEO] if camera else [0])
                tape.flush()
            at_ms += 20
        tape.caption(user, "What somebody has said in this sentence.", at_ms - 3000, at_ms)
        turn += 1
    tape.end(at_ms)


def _camera() -> Iterator[bytes]:
    """Four seconds of a picture that moves everywhere, 640 by 360: worse than a face."""
    coder = Coder(640, 360)
    for index in range(LOOP_FRAMES):
        yield coder.picture(_moving(index), key=index == 0)


def _moving(index: int) -> av.VideoFrame:
    frame = av.VideoFrame(640, 360, "yuv420p")
    luma = bytearray()
    for y in range(360):
        row = bytes(
            (40 + (x * 3 + y * 2 + index * 4) // 16 % 8 * 22) & 0xFF
            for x in range(frame.planes[0].line_size)
        )
        luma += row
    frame.planes[0].update(bytes(luma))
    for plane in frame.planes[1:]:
        plane.update(bytes([118]) * plane.buffer_size)
    return frame


def render(name: str, folder: Path, out: Path, minutes: float) -> ReplayRow:
    people = folder.with_suffix(".json")
    names = {user: {"name": user.title(), "avatar": None} for user in ("alice", "bob")}
    people.write_text(json.dumps({"title": "Bench", "people": names}))
    command = [
        sys.executable,
        "-m",
        "media_relay.egress.render",
        str(folder),
        "--out",
        str(out),
        "--people",
        str(people),
    ]
    log = folder.with_suffix(".out")
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=file)
    most, cpu_s = [0.0, 0.0, 0.0], 0.0
    while process.poll() is None:
        share = _progress(log)
        try:
            third = min(int(share * 3), 2)
            most[third] = max(most[third], memory_kib(process.pid, "Rss") / 1024)
            cpu_s = read_cpu(process.pid).cpu_s
        except (OSError, ValueError, IndexError):
            break  # It has just ended.
        time.sleep(WATCH_S)
    assert process.wait() == 0, log.read_text()[-500:]
    log_mb = sum(path.stat().st_size for path in folder.glob("*.log")) / 1e6
    file_mb = (out / "replay.mp4").stat().st_size / 1e6
    return ReplayRow(name, minutes, log_mb, file_mb, cpu_s / minutes, (most[0], most[1], most[2]))


def _progress(log: Path) -> float:
    lines = log.read_text().splitlines()
    return float(json.loads(lines[-1]).get("progress", 1.0)) if lines else 0.0
