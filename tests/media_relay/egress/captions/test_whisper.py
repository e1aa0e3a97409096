"""The engine around a model.

A real model is big and nobody ships one: CAPTION_MODEL may name it for the last test.
"""

import importlib.util
import math
import os
from array import array
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from media_relay.egress.captions.endpoint import FRAME_BYTES, Endpointer, level_dbfs
from media_relay.egress.captions.engine import RATE, Heard
from media_relay.egress.captions.whisper import (
    LONGEST_S,
    PARTIAL_EVERY_S,
    WhisperEngine,
    WhisperSegment,
    maker,
)
from tests.media_relay.egress.captions.test_sphinx import listen, speech
from tests.media_relay.egress.studio import sentences, word_errors


class Model:
    """Answers with how many seconds it was given."""

    def __init__(self) -> None:
        self.languages: list[str] = []

    # Any: as the real one.
    def transcribe(self, audio: Any, **options: Any) -> tuple[Iterable[WhisperSegment], Any]:
        self.languages.append(options["language"])
        assert abs(audio).max() <= 1.0
        return [
            SimpleNamespace(text=" heard "),
            SimpleNamespace(text=f"{len(audio) / RATE:.0f} s"),
        ], None


def tone(seconds: float, amplitude: int = 8000) -> bytes:
    return array(
        "h", (round(amplitude * math.sin(i / 5)) for i in range(round(RATE * seconds)))
    ).tobytes()


def silence(seconds: float) -> bytes:
    return bytes(round(RATE * seconds) * 2)


def test_it_transcribes_the_open_sentence_about_once_a_second_and_at_its_end() -> None:
    model = Model()
    heard = listen(WhisperEngine(model, "id"), silence(1) + tone(3.5) + silence(1))
    assert [(one.text, one.final) for one in heard][-1] == ("heard 4 s", True)
    assert [one.final for one in heard] == [False] * (len(heard) - 1) + [True]
    assert len(model.languages) == 1 + int(4 / PARTIAL_EVERY_S)
    assert set(model.languages) == {"id"}
    assert 0.7 < heard[0].begun_s < 1.1


def test_it_cuts_a_speech_that_never_ends() -> None:
    syllable = tone(0.3) + silence(0.1)
    heard = listen(WhisperEngine(Model(), "id"), syllable * round((LONGEST_S * 2 + 2) / 0.4))
    assert sum(one.final for one in heard) == 2


def test_it_ends_with_the_sound() -> None:
    engine = WhisperEngine(Model(), "id")
    listen(engine, tone(0.5))
    last = engine.flush()
    assert last == Heard("heard 0 s", True, last.begun_s if last else 0)
    assert engine.flush() is None


def test_it_tells_speech_from_silence_a_click_and_a_steady_hum() -> None:
    def speeches(pcm: bytes) -> int:
        ends, count, was = Endpointer(), 0, False
        for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
            ends.process(pcm[start : start + FRAME_BYTES])
            count += ends.in_speech and not was
            was = ends.in_speech
        return count

    assert speeches(silence(2)) == 0
    assert speeches(silence(1) + tone(0.04) + silence(1)) == 0
    assert speeches(tone(20, amplitude=300)[: RATE * 2 * 20]) <= 1, (
        "A hum is taken for speech once at most."
    )
    assert speeches(silence(1) + tone(1) + silence(1) + tone(1) + silence(1)) == 2


@pytest.mark.parametrize(
    ("pcm", "dbfs"), [(b"", -100.0), (bytes(100), -100.0), (tone(1, 32_767), -3.0)]
)
def test_it_measures_loudness(pcm: bytes, dbfs: float) -> None:
    assert abs(level_dbfs(pcm) - dbfs) < 0.1


@pytest.mark.skipif(
    not (os.environ.get("CAPTION_MODEL") and importlib.util.find_spec("faster_whisper")),
    reason="needs faster-whisper and CAPTION_MODEL=<folder with a Whisper model in "
    "CTranslate2's format>",
)
def test_it_writes_down_a_sentence_with_a_real_model() -> None:
    engine = maker(os.environ["CAPTION_MODEL"], "en")()
    heard = listen(engine, speech("rms-party"))
    text = heard[-1].text.lower().strip(".")
    assert word_errors(sentences()["rms-party"], text) <= 0.2, text
