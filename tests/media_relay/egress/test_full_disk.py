"""A recording on a disk that fills up: it says so, and goes on by itself once there is room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from media_relay.egress.recording.log import segments
from tests.media_relay.blackbox.light import LightRoom
from tests.media_relay.egress.conftest import StartEgress
from tests.media_relay.egress.performance import Performer
from tests.media_relay.egress.process import Web
from tests.media_relay.egress.test_recording import has_seconds
from tests.stack.waiting import until


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=100m", "parley-recordings", str(folder)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


async def test_it_goes_on_by_itself_when_a_full_disk_has_room_again(
    light: LightRoom, web: Web, start_egress: StartEgress, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "recordings"
    with small_disk(folder):
        alice = await light.join("alice", microphone=True, camera=True)
        start_egress()
        performer = Performer(alice)
        performer.start()
        try:
            await web.want(recording="talk-1", consented=("alice",))
            await web.expect_status(recording="talk-1", state="recording")
            filler = folder / "filler"
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, 90 << 20)
            await web.expect_status(recording="talk-1", state="failed", reason="disk_full")
            filler.unlink()
            await web.expect_status(recording="talk-1", state="recording")
            talk = folder / "talk-1"
            await until(
                lambda: len(segments(talk)) == 2 and has_seconds(talk, 1),
                "a second segment is written",
                15,
            )
        finally:
            await performer.stop()
