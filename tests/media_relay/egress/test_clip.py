import json
from pathlib import Path

import av
import pytest
from PIL import Image

from media_relay.egress.clip import main
from media_relay.egress.rendering.mp4_writer import Mp4Writer
from media_relay.egress.rendering.still_images import HEIGHT, WIDTH
from tests.media_relay.egress.player import watch
from tests.media_relay.egress.studio import beeps, plain

LONG_MS = 60_000


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute with a beep and a flash every three seconds, and blue in between."""
    path = tmp_path_factory.mktemp("replay") / "replay.mp4"
    movie = Mp4Writer(path, "A talk", [])
    for ms in range(0, LONG_MS, 100):
        movie.show(plain(WIDTH, HEIGHT, (250, 250, 250) if ms % 3000 < 200 else (20, 40, 160)), ms)
    movie.hear(beeps(LONG_MS, 3000))
    movie.close()
    return path


def clip(replay: Path, out: Path, start: float, end: float) -> int:
    options = [
        "--from",
        str(start),
        "--to",
        str(end),
        "--out",
        str(out / "clip.mp4"),
        "--poster",
        str(out / "clip.jpg"),
    ]
    return main([str(replay), *options])


def test_it_cuts_to_the_moment_and_keeps_sync(replay: Path, tmp_path: Path) -> None:
    assert clip(replay, tmp_path, 13.4, 25.4) == 0
    film = watch(tmp_path / "clip.mp4")
    assert film.duration_s == pytest.approx(12, abs=0.2)
    expected = [1600, 4600, 7600, 10_600]
    assert film.beeps == pytest.approx(expected, abs=40)
    assert film.flashes == pytest.approx(expected, abs=40)
    assert film.frames[0][0] == pytest.approx(0, abs=40), "There is a picture from the begin."
    with av.open(str(tmp_path / "clip.mp4")) as file:
        assert [stream.codec_context.name for stream in file.streams] == ["h264", "aac"]
    with Image.open(tmp_path / "clip.jpg") as poster:
        assert poster.size == (WIDTH, HEIGHT)


def test_it_has_a_picture_when_the_last_one_was_long_before(tmp_path: Path) -> None:
    movie = Mp4Writer(tmp_path / "still.mp4", "", [])
    movie.show(plain(WIDTH, HEIGHT, (20, 40, 160)), 0)
    movie.show(plain(WIDTH, HEIGHT, (20, 40, 160)), 29_000)
    movie.hear(bytes(48_000 * 2 * 30))
    movie.close()
    assert clip(tmp_path / "still.mp4", tmp_path, 10, 20) == 0
    assert watch(tmp_path / "clip.mp4").colour_at(0)[2] > 100


@pytest.mark.parametrize(("start", "end"), [(0, 30.5), (5, 5.5), (10, 5), (-2, 5), (50, 75)])
def test_it_refuses_a_span_that_is_no_clip(
    replay: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], start: float, end: float
) -> None:
    assert clip(replay, tmp_path, start, end) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "bad_request"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no film", None])
def test_it_refuses_what_is_no_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "replay.mp4"
    if content is not None:
        path.write_bytes(content)
    assert clip(path, tmp_path, 0, 5) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "unreadable"
    assert not (tmp_path / "clip.mp4").exists()
