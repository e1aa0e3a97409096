"""`systemctl restart parley-egress@1` during a recorded talk, with no other egress."""

import json
import time
from pathlib import Path

from media_relay.egress.recording.log import RecordKind, read, segments
from media_relay.egress.render import main
from tests.deploy.test_systemd import section
from tests.media_relay.blackbox.harness import Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.media_relay.egress.conftest import StartEgress
from tests.media_relay.egress.performance import Performer
from tests.media_relay.egress.player import watch
from tests.media_relay.egress.process import Web
from tests.media_relay.egress.test_recording import MOST_LOST_MS, has_seconds
from tests.stack.waiting import until


async def test_it_ends_in_order_and_the_next_one_goes_on_in_the_same_recording(
    scene: Scene, light: LightRoom, web: Web, start_egress: StartEgress, tmp_path: Path
) -> None:
    alice = await light.join("alice", microphone=True, camera=True)
    egress = start_egress()
    performer = Performer(alice)
    performer.start()
    try:
        await web.want(captions=True, recording="talk-3", consented=("alice",))
        folder = tmp_path / "data" / "recordings" / "talk-3"
        await until(lambda: has_seconds(folder, 3), "three seconds on disk", 30)
        begun = time.monotonic()
        assert egress.stop() == 0, egress.log
        assert time.monotonic() - begun < int(section("parley-egress@.service")["TimeoutStopSec"])
        (first,) = segments(folder)
        assert list(read(first))[-1].json() == {"reason": "handed_over"}
        assert not [one for one in web.statuses if one.get("state") == "stopped"], (
            "The web would render what is not over."
        )
        egress.start()  # By the same name, as the unit gives it.
        await until(lambda: len(segments(folder)) == 2 and has_seconds(folder, 3), "it writes", 30)
        await web.want()
        await web.expect_status(recording="talk-3", state="stopped")
    finally:
        await performer.stop()
    packets = [packets_of(path) for path in segments(folder)]
    assert not packets[0] & packets[1], "Nothing is recorded twice."
    people, out = tmp_path / "people.json", tmp_path / "out"
    people.write_text(json.dumps({"title": "Talk", "people": {"alice": {"name": "Alice"}}}))
    assert main([str(folder), "--out", str(out), "--people", str(people)]) == 0
    (gap,) = json.loads((out / "replay.json").read_text())["gaps"]
    assert 0 < gap["end_ms"] - gap["start_ms"] <= MOST_LOST_MS
    beeps = watch(out / "replay.mp4").beeps
    assert len([beep for beep in beeps if beep < gap["start_ms"]]) >= 2
    assert len([beep for beep in beeps if beep > gap["end_ms"]]) >= 2


def packets_of(path: Path) -> set[bytes]:
    return {one.content for one in read(path) if one.kind is RecordKind.PACKETS}
