"""A log with beeps and flashes at known times, rendered and measured."""

import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest
from PIL import Image

from media_relay.egress.render import main
from media_relay.egress.rendering import replay
from media_relay.egress.slot_map import VIDEO
from tests.media_relay.egress.player import Film, watch
from tests.media_relay.egress.robot import Clocks, Robot
from tests.media_relay.egress.studio import Coder, beeps, opus
from tests.media_relay.egress.tape import Tape

SYNC_MS = 40  # RULES §8.
PERIOD_MS = 2000
FLASH_MS = 200
WHITE, BLUE, RED = (250, 250, 250), (20, 40, 160), (160, 30, 30)
FRAME_MS = 1000 / 30


def perform(
    tape: Tape,
    user: str,
    slot: int,
    start_ms: int,
    end_ms: int,
    colour: tuple[int, int, int] | None,
) -> None:
    """Let somebody beep, and flash if they have a camera of some colour, at each multiple of
    `PERIOD_MS`.
    """
    pcm = beeps(end_ms - start_ms, PERIOD_MS, FLASH_MS, offset_ms=-start_ms % PERIOD_MS)
    camera, next_ms = Coder(), float(start_ms)
    for index, packet in enumerate(opus(pcm)):
        ms = start_ms + index * 20
        tape.sound(slot, packet, ms)
        while colour is not None and next_ms < ms + 20:
            shown = WHITE if next_ms % PERIOD_MS < FLASH_MS else colour
            tape.picture(VIDEO, camera.frame(shown, key=next_ms == start_ms), next_ms)
            next_ms += FRAME_MS
        if ms % 1000 == 500:
            tape.report(ms, [slot, VIDEO] if colour else [slot])


@pytest.fixture
def people(tmp_path: Path) -> Path:
    Image.new("RGB", (300, 200), (30, 200, 60)).save(tmp_path / "carol.png")
    names = {
        "alice": {"name": "Alice <b>", "avatar": None},
        "bob": {"name": "Bob", "avatar": "/no/such/file.png"},
        "carol": {"name": "Carol", "avatar": str(tmp_path / "carol.png")},
    }
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"title": "A talk", "people": names}))
    return path


@pytest.fixture
def render(tmp_path: Path, people: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Path]:
    def run(folder: Path, *options: str) -> Path:
        out = tmp_path / "out"
        assert main([str(folder), "--out", str(out), "--people", str(people), *options]) == 0, (
            capsys.readouterr()
        )
        return out

    return run


def in_sync(film: Film, expected_ms: list[int], shift_ms: float = 0) -> Iterator[str]:
    """Yield what is wrong: each beep and flash must be at its time, and both at the same."""
    for at in expected_ms:
        wanted = at + shift_ms
        beep = min(film.beeps, key=lambda one: abs(one - wanted), default=0.0)
        flash = min(film.flashes, key=lambda one: abs(one - wanted), default=0.0)
        if abs(beep - flash) > SYNC_MS:
            yield f"{at}: beep {beep:.0f}, flash {flash:.0f}"
        if abs(beep - wanted) > 2 * SYNC_MS:
            yield f"{at}: beep {beep:.0f}"


def test_it_keeps_sound_and_picture_together_through_switches_mutes_and_a_death(
    tmp_path: Path, render: Callable[..., Path]
) -> None:
    tape = Tape(tmp_path / "rec", sound_delay_ms=20, picture_delay_ms=140, jitter_ms=15).begin(0)
    tape.assign(100, active="alice", a0="alice", video="alice")
    perform(tape, "alice", 0, 120, 9_000, BLUE)
    tape.assign(9_000, active="bob", a0=None, a1="bob", video="bob")
    perform(tape, "bob", 1, 9_100, 15_000, RED)
    # A mute and a hand-over of the slot itself: two seconds of nothing, then somebody else in the
    # same slot.
    tape.assign(15_000, a1=None)
    tape.assign(16_900, active="alice", a1="alice", video="alice")
    perform(tape, "alice", 1, 17_000, 23_000, BLUE)
    tape.die()
    heir = Tape(
        tmp_path / "rec", 20, 140, 15, users=tape.users, active="alice", _streams=tape._streams
    ).begin(28_000, "b")
    perform(heir, "alice", 1, 28_100, 36_000, BLUE)
    heir.end(36_100)

    out = render(tmp_path / "rec")
    film = watch(out / "replay.mp4")
    expected = [
        2000,
        4000,
        6000,
        8000,
        10_000,
        12_000,
        14_000,
        18_000,
        20_000,
        22_000,
        30_000,
        32_000,
        34_000,
    ]
    assert list(in_sync(film, expected)) == []
    assert len(film.beeps) == len(expected)
    assert abs(film.duration_s - 36.1) <= 0.5
    index = json.loads((out / "replay.json").read_text())
    (gap,) = index["gaps"]
    assert abs(gap["start_ms"] - 23_000) < 300
    assert abs(gap["end_ms"] - 28_000) < 300


@pytest.mark.parametrize("stopping", Clocks)
def test_it_keeps_in_sync_a_robot_that_stops_sending_and_a_recording_that_was_paused(
    tmp_path: Path, render: Callable[..., Path], stopping: Clocks
) -> None:
    """Three stops of nearly 8 s, each of which ends within a beep; so does the recording's pause."""
    tape = Tape(tmp_path / "rec", sound_delay_ms=20, picture_delay_ms=120, jitter_ms=15).begin(0)
    tape.assign(0, active="alice", a0="alice", video="alice")
    robot = Robot(tape, stopping)
    for start_ms, end_ms in ((100, 4_500), (12_060, 16_500), (24_100, 30_500), (38_080, 42_000)):
        robot.play(start_ms, end_ms)
    robot.to_tape(0, 26_500)
    tape.end(26_500)
    robot.to_tape(26_500, 28_100, is_recorded=False)
    robot.tape = tape.again(28_100)
    robot.to_tape(28_100, 42_400)
    robot.tape.end(42_400)

    film = watch(render(tmp_path / "rec") / "replay.mp4")
    cut_ms = 28_100 - 26_500
    before = [100, 2000, 4000, 12_060, 14_000, 16_000, 24_100, 26_000]
    after = [28_100, 30_000, 38_080, 40_000]
    expected = [*before, *(ms - cut_ms for ms in after)]
    assert list(in_sync(film, expected)) == []
    assert len(film.beeps) == len(expected), film.beeps


def test_it_makes_files_that_players_take(tmp_path: Path, render: Callable[..., Path]) -> None:
    tape = talk(tmp_path / "rec")
    out = render(tape)
    index = json.loads((out / "replay.json").read_text())
    with av.open(str(out / "replay.mp4")) as file:
        video, audio = file.streams.video[0].codec_context, file.streams.audio[0].codec_context
        assert (video.name, video.width, video.height, video.pix_fmt) == (
            "h264",
            1280,
            720,
            "yuv420p",
        )
        assert (audio.name, audio.sample_rate) == ("aac", 48_000)
        assert abs((file.duration or 0) / av.time_base - 40) <= 0.5
        chapters = [
            (one["start"] * (one["time_base"] or 0), one["metadata"]["title"])
            for one in file.chapters()
        ]
    assert chapters == [(0, "Carol"), (20, "Alice <b>")]
    head = (out / "replay.mp4").read_bytes()[:100_000]
    assert head.index(b"moov") < head.index(b"mdat"), "It can be played while it is loaded."
    with av.open(str(out / "audio.m4a")) as file:
        assert [stream.type for stream in file.streams if stream.type in ("audio", "video")] == [
            "audio"
        ]
        assert abs((file.duration or 0) / av.time_base - 40) <= 0.5
    with Image.open(out / "poster.jpg") as poster:
        assert poster.size == (1280, 720)
    vtt = (out / "captions.vtt").read_text()
    assert vtt.startswith("WEBVTT\n\n00:00:02.000 --> 00:00:04.000\n<v Carol>Hello.</v>\n")
    assert [chapter["participant"] for chapter in index["chapters"]] == ["carol", "alice"]
    assert index["captions"][1]["name"] == "Alice <b>"
    assert index["notes"] == [{"at_ms": 7000, "note": {"pin": "9"}}]
    assert index["has_video"] is False
    assert index["duration_ms"] == 40_000
    assert set(index["files"]) == {"replay.mp4", "audio.m4a", "captions.vtt", "poster.jpg"}
    assert sorted(path.name for path in out.iterdir()) == sorted([*index["files"], "replay.json"])


def talk(folder: Path) -> Path:
    """Forty seconds: Carol, who has an avatar, then Alice, who has none; nobody has a camera on."""
    tape = Tape(folder).begin(0)
    tape.assign(0, active="carol", a0="carol")
    perform(tape, "carol", 0, 0, 20_000, None)
    tape.caption("carol", "Hello.", 2000, 4000)
    tape.note(7000, pin="9")
    tape.assign(20_000, active="alice", a0="alice")
    perform(tape, "alice", 0, 20_000, 39_900, None)
    tape.caption("alice", "Goodbye.", 21_000, 22_500)
    tape.end(40_000)
    return folder


def test_it_shows_the_face_of_whoever_has_no_camera_on(
    tmp_path: Path, render: Callable[..., Path]
) -> None:
    film = watch(render(talk(tmp_path / "rec")) / "replay.mp4")
    red, green, blue = film.colour_at(10_000)
    assert green > red + 60, "Carol's avatar is green."
    assert green > blue + 60
    red, green, blue = film.colour_at(30_000)
    assert abs(green - red) < 100, "Alice has her letter."
    assert film.colour_at(30_000) != film.colour_at(10_000)


def test_it_begins_where_the_host_says_and_renders_again(
    tmp_path: Path, render: Callable[..., Path]
) -> None:
    folder = talk(tmp_path / "rec")
    render(folder)
    out = render(folder, "--from", "15")
    index = json.loads((out / "replay.json").read_text())
    assert index["duration_ms"] == 25_000
    assert [cue["start_ms"] for cue in index["captions"]] == [6000]
    assert watch(out / "replay.mp4").beeps[0] == pytest.approx(1000, abs=SYNC_MS)


def test_it_mixes_people_who_talk_at_once_and_stays_in_range(
    tmp_path: Path, render: Callable[..., Path]
) -> None:
    tape = Tape(tmp_path / "rec").begin(0)
    tape.assign(0, active="alice", a0="alice", a1="bob")
    low, high = list(opus(beeps(6000, 2000, 500, 500))), list(opus(beeps(6000, 3000, 500, 900)))
    for index, (one, other) in enumerate(zip(low, high, strict=True)):
        tape.sound(0, one, index * 20)
        tape.sound(1, other, index * 20)
        if index % 50 == 0:
            tape.report(index * 20, [0, 1])
    tape.end(6100)
    film = watch(render(tmp_path / "rec") / "replay.mp4")
    for expected in (0, 2000, 3000, 4000):
        assert min(abs(beep - expected) for beep in film.beeps) <= SYNC_MS


@pytest.mark.parametrize(
    ("records", "code"),
    [(None, "empty"), (b"", "empty"), (b"PARLEY1\n", "empty"), (b"garbage" * 100, "empty")],
)
def test_it_says_when_there_is_nothing(
    tmp_path: Path,
    people: Path,
    capsys: pytest.CaptureFixture[str],
    records: bytes | None,
    code: str,
) -> None:
    folder = tmp_path / "rec"
    folder.mkdir()
    if records is not None:
        (folder / "00000000000001-e.log").write_bytes(records)
    assert main([str(folder), "--out", str(tmp_path / "out"), "--people", str(people)]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["error"] == code
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"title": 5, "people": {}}', '{"title": "x", "people": {"1": {}}}']
)
def test_it_refuses_people_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "people.json"
    path.write_text(text)
    assert main([str(tmp_path), "--out", str(tmp_path / "out"), "--people", str(path)]) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "bad_request"


def test_it_says_when_the_disk_is_full_and_leaves_the_former_files(
    tmp_path: Path, people: Path, render: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = talk(tmp_path / "rec")
    out = render(folder)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay, "copy_audio", _full)
        assert main([str(folder), "--out", str(out), "--people", str(people)]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["error"] == "disk_full"
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def _full(_source: Path, _target: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
