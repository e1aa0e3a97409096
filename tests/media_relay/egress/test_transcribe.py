import json
import wave
from pathlib import Path

import av
import pytest

from media_relay.egress import transcribe
from media_relay.egress.transcribe import UNAVAILABLE, main
from tests.media_relay.egress.studio import sentences, wav_path, word_errors


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    return dict(json.loads(capsys.readouterr().out))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A voice clip as a browser's recorder makes it: Opus in WebM, here in Ogg."""
    path = tmp_path / "clip.ogg"
    with av.open(str(wav_path("slt-welcome"))) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libopus", rate=48_000)
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


def test_it_writes_down_a_voice_clip(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pocketsphinx", reason="No engine on this Python")
    assert main([str(clip)]) == 0
    assert word_errors(sentences()["slt-welcome"], answer(capsys)["text"]) <= 0.2


def test_it_has_no_words_for_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pocketsphinx", reason="No engine on this Python")
    with wave.open(str(tmp_path / "silence.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(32_000))
    assert main([str(tmp_path / "silence.wav")]) == 0
    assert answer(capsys) == {"text": ""}


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", None])
def test_it_refuses_what_is_no_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    pytest.importorskip("pocketsphinx", reason="No engine on this Python")
    path = tmp_path / "clip.ogg"
    if content is not None:
        path.write_bytes(content)
    assert main([str(path)]) == 1
    assert answer(capsys)["error"] == "unreadable"


def test_it_refuses_what_is_too_long(
    clip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pocketsphinx", reason="No engine on this Python")
    monkeypatch.setattr(transcribe, "MOST_S", 1.0)
    assert main([str(clip)]) == 1
    assert answer(capsys)["error"] == "too_long"


def test_it_says_when_no_engine_covers_the_language(
    clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(clip), "--language", "id"]) == UNAVAILABLE
    assert answer(capsys)["error"] == "unavailable"
