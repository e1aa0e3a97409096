"""A recorded talk through a real relay, with an egress that dies in the middle of it."""

import asyncio
import json
import time
from pathlib import Path

import redis

from media_relay.egress.lease import lease_key
from media_relay.egress.recording.log import RecordKind, read, segments
from media_relay.egress.render import main
from media_relay.egress.slot_map import parse_users
from tests.media_relay.blackbox.harness import Scene
from tests.media_relay.blackbox.light import LightMember, LightRoom
from tests.media_relay.egress.conftest import StartEgress
from tests.media_relay.egress.performance import PERIOD_MS, Performer
from tests.media_relay.egress.player import watch
from tests.media_relay.egress.process import EgressProcess, Web
from tests.media_relay.egress.studio import noise, opus
from tests.media_relay.egress.traces import Traces
from tests.stack.valkey import Valkey
from tests.stack.waiting import until

SYNC_MS = 40
MOST_LOST_MS = 10_000  # RULES §8.


def holder(valkey: Valkey, space: str) -> str:
    with redis.Redis.from_url(valkey.url) as client:
        value = client.get(lease_key(space))
    return value.decode() if isinstance(value, bytes) else ""


def media_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".log"]


async def test_it_goes_on_with_another_egress_when_one_is_killed(
    valkey: Valkey,
    scene: Scene,
    light: LightRoom,
    web: Web,
    start_egress: StartEgress,
    tmp_path: Path,
) -> None:
    alice = await light.join("alice", microphone=True, camera=True)
    by_name = {egress.name: egress for egress in (start_egress(), start_egress())}
    performer = Performer(alice)
    performer.start()
    try:
        await web.want(recording="talk-1", consented=("alice",))
        await web.expect_status(recording="talk-1", state="recording")
        folder = tmp_path / "data" / "recordings" / "talk-1"
        await until(lambda: has_seconds(folder, 3), "three seconds on disk", 15)

        first = holder(valkey, scene.space)
        by_name[first].kill()
        killed_at = time.monotonic()
        await until(
            lambda: holder(valkey, scene.space) not in ("", first),
            "another egress has the Space",
            10,
        )
        await until(lambda: len(segments(folder)) == 2 and has_seconds(folder, 3), "it writes", 10)
        assert time.monotonic() - killed_at < 15

        await web.want(captions=False)
        await web.expect_status(recording="talk-1", state="stopped")
    finally:
        await performer.stop()
    check_film(folder, tmp_path, performer)


def has_seconds(folder: Path, seconds: float) -> bool:
    """Whether the newest segment on disk spans so much."""
    paths = segments(folder)
    times = [record.at_us for record in read(paths[-1])] if paths else []
    return bool(times) and (times[-1] - times[0]) / 1_000_000 >= seconds


def check_film(folder: Path, tmp_path: Path, performer: Performer) -> None:
    people = tmp_path / "people.json"
    people.write_text(
        json.dumps({"title": "Talk", "people": {"alice": {"name": "Alice", "avatar": None}}})
    )
    assert main([str(folder), "--out", str(tmp_path / "out"), "--people", str(people)]) == 0
    film = watch(tmp_path / "out" / "replay.mp4")
    index = json.loads((tmp_path / "out" / "replay.json").read_text())
    (gap,) = index["gaps"]
    assert gap["end_ms"] - gap["start_ms"] <= MOST_LOST_MS
    assert abs(film.duration_s * 1000 - index["duration_ms"]) <= 500
    # By the wall clock a beep was at each full period; what is measured is off by the network's
    # delay at most.
    shift_ms = (performer.begun_s - index["started_at"]) * 1000
    whole = [
        beep
        for beep in film.beeps
        if not gap["start_ms"] - 300 < beep < gap["end_ms"] + 300 and beep > 300
    ]
    assert len([beep for beep in whole if beep < gap["start_ms"]]) >= 2
    assert len([beep for beep in whole if beep > gap["end_ms"]]) >= 2
    for beep in whole:
        off = (beep - shift_ms + PERIOD_MS / 2) % PERIOD_MS - PERIOD_MS / 2
        assert abs(off) < 100, f"{beep} is {off:.0f} ms off"
        flash = min(film.flashes, key=lambda one: abs(one - beep))
        assert abs(flash - beep) <= SYNC_MS, f"The beep at {beep:.0f} has its flash at {flash:.0f}"


async def traces_of(listener: LightMember, without: Traces) -> Traces:
    """Return pieces of the sound that comes to a listener from now on, but for what is known."""
    listener.peer.rtp.clear()
    traces = Traces(without.pieces)

    def are_enough() -> bool:
        traces.take(listener.packets_of("audio"))
        listener.peer.rtp.clear()
        return traces.are_enough

    await until(are_enough, "enough of the talk", 15)
    return traces


async def test_it_writes_nothing_while_nobody_records(
    valkey: Valkey, scene: Scene, light: LightRoom, web: Web, tmp_path: Path
) -> None:
    """Captions run, and a speaker without consent talks: of neither is a byte on disk."""
    data = tmp_path / "data"
    egress = EgressProcess(valkey.url, data).start()
    alice = await light.join("alice", microphone=True, camera=True)
    listener = await light.join()
    bob = await light.join("bob", microphone=True)
    performer, speech = Performer(alice, sound=list(opus(noise(60_000)))), light.keep_speaking(bob)
    bobs_voice = Traces()
    bobs_voice.take([bob.speak()])
    performer.start()
    try:
        await web.want(captions=True)
        await web.expect_status(status="ok")
        unrecorded = await traces_of(listener, without=bobs_voice)
        await asyncio.sleep(1.5)  # Longer than the flush of a recorder that should not be there.
        assert media_files(data) == []
        assert not (data / "recordings").exists()

        await web.want(recording="talk-2", consented=("alice",))
        await web.expect_status(recording="talk-2", state="recording")
        folder = data / "recordings" / "talk-2"
        await until(lambda: has_seconds(folder, 1), "a second on disk", 15)
        recorded = await traces_of(listener, without=bobs_voice)
        await until(
            lambda: sum(recorded.found_under(data).values()) == len(recorded.pieces),
            "the search finds it",
            5,
        )
        assert [Path(name).parts[0] for name in recorded.found_under(data)] == ["recordings"]
        await web.note(pin="42")
        await until(
            lambda: any(record.kind is RecordKind.NOTE for record in read(segments(folder)[0])),
            "the note",
            5,
        )
        await web.want()
        await web.expect_status(recording="talk-2", state="stopped")
        size = segments(folder)[0].stat().st_size
        records = list(read(segments(folder)[0]))
        assert records[-1].json() == {"reason": "stopped"}
        bobs = next(
            users.audio.index("bob")
            for users in (
                parse_users(one.content) for one in records if one.kind is RecordKind.ASSIGNED
            )
            if "bob" in users.audio
        )
        slots = {record.content[0] for record in records if record.kind is RecordKind.PACKETS}
        assert slots, "Alice is in it."
        assert bobs not in slots, "Bob has not consented."
        await asyncio.sleep(1.5)
        assert segments(folder)[0].stat().st_size == size, "After the stop nothing is added."
        with redis.Redis.from_url(valkey.url) as client:
            client.save()  # All that Valkey knows goes into its file.
        for place in (data, valkey.folder):
            assert unrecorded.found_under(place) == {} == bobs_voice.found_under(place)
    finally:
        await performer.stop()
        speech.cancel()
        egress.stop()
